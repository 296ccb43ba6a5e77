//! A bot's name that leads nowhere, or all at once into our own network (F27).

use crate::house::{Flavour, House, Part};
use crate::phone::Phone;
use crate::ring::contact_of;
use crate::tls::{Front, Papers};
use crate::wait::soon;
use crate::world::World;
use adapters::store::{Direction, Stuck};
use domain::channel::ChannelKind;
use domain::outbound::Lane;
use domain::time::Timestamp;
use sandbox::{Sandbox, SandboxPorts};
use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use testkit::{Names, until};

const KIND: ChannelKind = ChannelKind::Telegram;
const BOT: &str = "bot.austral.test";

/// A world that calls nobody in a private network, with its bot behind a name and TLS.
async fn guarded(names: &Names, papers: &Papers) -> (World, Front) {
    let sandbox = Sandbox::start(SandboxPorts::default()).await.unwrap();
    let house = House::build(Flavour::Embedded, &sandbox.urls).await;
    let mut world = World::inside(house, sandbox, &[KIND], |_| {}).await;
    world.house.stop(Part::Web).await;
    let channels = world.parts.store.tenant(world.company.tenant).channels();
    let line = world.line(KIND).channel;
    let mut settings = channels.get(line).await.unwrap().settings;
    let mut url = url::Url::parse(settings.bot_url.as_deref().unwrap()).unwrap();
    let bot = SocketAddr::from(([127, 0, 0, 1], url.port().unwrap()));
    let front = Front::open(bot, papers.signed("trusted", BOT, 1)).await;
    url.set_scheme("https").unwrap();
    url.set_host(Some(BOT)).unwrap();
    url.set_port(Some(front.address.port())).unwrap();
    settings.bot_url = Some(url.into());
    channels.save_settings(line, &settings).await.unwrap();
    let trusted = papers.at("trusted.pem").display().to_string();
    world.house.environment = names.environment();
    world.house.environment.extend([
        ("SSL_CERT_FILE".to_owned(), trusted),
        ("RELEVO_ALLOW_PRIVATE_NETWORK".to_owned(), "off".to_owned()),
    ]);
    world.house.start(Part::Web).await;
    (world, front)
}

/// What waits for the bot, or was given up, in the words of the doctor.
async fn stuck(world: &World) -> Option<Stuck> {
    let checks = world.parts.store.tenant(world.company.tenant).checks();
    let all = checks.stuck_on(world.line(KIND).channel).await.unwrap();
    all.into_iter().find(|it| it.lane == Lane::Bot)
}

/// Until the doctor says so; whether it was given up.
async fn says(world: &World, why: &str) -> bool {
    until(crate::wait::PATIENCE, || async {
        let stuck = stuck(world).await;
        stuck.is_some_and(|it| it.error.is_some_and(|error| error.contains(why)))
    })
    .await;
    stuck(world).await.unwrap().given_up
}

fn asks(phone: &Phone<'_>, text: &str) -> String {
    phone.says(&format!("¿cuál es el horario? {text}"))
}

/// Until the bot has answered so often.
async fn answers(phone: &Phone<'_>, count: usize) {
    let all = || {
        let mut texts = phone.texts();
        texts.retain(|text| text.contains("Abrimos de lunes a viernes"));
        texts
    };
    // A bot may be told the same twice.
    let look = || (all().len() >= count).then_some(());
    soon("answers of the bot", look, || format!("{:#?}", all())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f27_a_name_that_is_not_found_is_asked_for_again_and_the_message_waits() {
    let (names, papers) = (Names::new(BOT).unwrap(), Papers::new());
    let (world, front) = guarded(&names, &papers).await;
    let phone = world.phone(KIND, contact_of(KIND));
    names.leads(None).unwrap();
    asks(&phone, "1");
    let again = || (names.asked() >= 2).then_some(());
    soon("second question", again, || world.house.log(Part::Web)).await;
    assert!(
        !says(&world, "no se encuentra el servidor").await,
        "given up"
    );
    assert_eq!(front.came.load(Ordering::SeqCst), 0);
    names.leads(Some(Names::PUBLIC.parse().unwrap())).unwrap();
    answers(&phone, 1).await;
    world.balances().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f27_a_name_that_leads_into_a_private_network_is_refused_and_the_message_is_kept() {
    let (names, papers) = (Names::new(BOT).unwrap(), Papers::new());
    let (world, front) = guarded(&names, &papers).await;
    let phone = world.phone(KIND, contact_of(KIND));
    asks(&phone, "0");
    answers(&phone, 1).await;
    for (n, private) in ["127.0.0.1", "169.254.169.254", "::1"]
        .into_iter()
        .enumerate()
    {
        // A connection that stands asks for no name.
        world.house.stop(Part::Web).await;
        names.leads(Some(private.parse().unwrap())).unwrap();
        world.house.start(Part::Web).await;
        let (came, asked) = (front.came.load(Ordering::SeqCst), names.asked());
        let word = format!("privada {n}");
        asks(&phone, &word);
        let failed =
            "update outbox set lane = lane where state = 'dead' and error like '%red privada%'";
        until(crate::wait::PATIENCE, || async {
            world.sql(failed).await == n as u64 + 1
        })
        .await;
        assert!(says(&world, "la dirección lleva a una red privada").await);
        assert!(names.asked() > asked);
        assert_eq!(
            front.came.load(Ordering::SeqCst),
            came,
            "{private} was called"
        );
        let kept = format!("update messages set seq = seq where content like '%{word}%'");
        assert_eq!(world.sql(&kept).await, 1);
    }
    // What is written after it leads to the internet again arrives.
    names.leads(Some(Names::PUBLIC.parse().unwrap())).unwrap();
    asks(&phone, "9");
    answers(&phone, 2).await;
    // The bot's other address, for events, is still in the private network: those wait.
    let tenant = world.parts.store.tenant(world.company.tenant);
    let books = || async { tenant.ledger(Timestamp(0)).await.unwrap() };
    // An answer is on the phone before it is marked as delivered.
    until(crate::wait::PATIENCE, || async {
        let all = books().await;
        let to_bot = all.iter().find(|it| it.direction == Direction::ToBot);
        to_bot.is_some_and(|it| (it.accepted, it.delivered, it.failed) == (5, 2, 3))
    })
    .await;
    let books = books().await;
    assert!(books.iter().all(|it| it.unaccounted() == 0), "{books:#?}");
}
