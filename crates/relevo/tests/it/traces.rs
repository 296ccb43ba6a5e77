//! One trace per message, over all processes, that says nothing of what people said.

use crate::collector::{Collector, Hop};
use crate::house::{Flavour, Part};
use crate::phone::{Phone, sample};
use crate::ring::contact_of;
use crate::world::World;
use domain::channel::ChannelKind;
use domain::ids::MessageId;
use domain::message::{Author, Message};
use sandbox::fault::{Action as Fault, FaultRule, FaultService};
use sandbox::phone::Action;
use std::collections::BTreeMap;
use uuid::Uuid;

const KIND: ChannelKind = ChannelKind::WhatsApp;
/// Words that stand in no trace.
const SAID: [&str; 3] = ["zanahoria", "berenjena", "persona"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_message_is_one_trace_over_web_and_worker() {
    let collector = Collector::start();
    let settings = [("otlp_endpoint", collector.url.as_str())];
    let world = World::set(Flavour::Production, &[KIND], &settings, |_| {}).await;
    let phone = world.phone(KIND, contact_of(KIND));
    talk(&world, &phone).await;
    world.balances().await;
    let doctor = world.house.command(&["doctor"]).await;
    let said = String::from_utf8_lossy(&doctor.stdout).into_owned();
    assert!(said.contains("ok      traces"), "{said}");

    let stored = messages(&world, &collector).await;
    let with = |author, piece: &str| {
        let of = |m: &&Message| m.author == author && words(m).contains(piece);
        let found = stored.values().find(of);
        found
            .unwrap_or_else(|| panic!("no «{piece}» in {stored:#?}"))
            .id
            .0
    };
    let asked = with(Author::Contact, "persona");
    let relayed = with(Author::Contact, "zanahoria");
    let replied = with(Author::Agent, "berenjena");
    let bot = with(Author::Bot, "asistente");
    // What comes last is waited for; the stop must bring out the rest.
    collector.hears(replied, "delivered").await;
    world.house.stop(Part::Web).await;
    world.house.stop(Part::Worker).await;

    let traces = collector.traces();
    for hops in traces.values() {
        is_sound(hops);
        assert!(hops.iter().all(|hop| !hop.failed), "{hops:#?}");
    }
    let of = |message: Uuid| Way(&traces[&message]);

    let way = of(asked);
    way.has(
        "message of a contact",
        "relevo-web",
        "relevo.channel",
        "whatsapp",
    );
    way.stored("relevo-web");
    way.has("rules", "relevo-web", "relevo.verdict", "user_request");
    way.has("wait desk", "relevo-worker", "relevo.lane", "desk");
    way.has("try desk", "relevo-worker", "relevo.result", "done");
    way.has("POST", "relevo-worker", "http.response.status_code", "201");

    let way = of(relayed);
    way.has(
        "message of a contact",
        "relevo-web",
        "relevo.source",
        "webhook",
    );
    way.has("try desk", "relevo-worker", "relevo.attempt", "1");

    let way = of(replied);
    way.has(
        "message of an agent",
        "relevo-worker",
        "relevo.source",
        "realtime",
    );
    way.has(
        "message of an agent",
        "relevo-worker",
        "relevo.direction",
        "outbound",
    );
    way.has("wait channel", "relevo-worker", "relevo.lane", "channel");
    way.has(
        "try channel",
        "relevo-worker",
        "http.response.status_code",
        "200",
    );
    way.has("delivered", "relevo-web", "relevo.part", "0");

    let way = of(bot);
    way.has("message of the bot", "relevo-web", "relevo.source", "bot");
    way.has("try bot", "relevo-web", "relevo.lane", "proxy");

    says_nothing(&world, &phone, &collector).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_try_is_told_and_so_is_the_fetching_of_a_file() {
    let collector = Collector::start();
    let settings = [("otlp_endpoint", collector.url.as_str())];
    let world = World::set(Flavour::Embedded, &[KIND], &settings, |_| {}).await;
    let phone = world.phone(KIND, contact_of(KIND));
    phone.says("quiero hablar con una persona");
    let desk = world.desk(&phone.contact).await;
    let away = Fault::Status {
        status: 503,
        headers: BTreeMap::new(),
        body: String::new(),
        pad_to: 0,
        after: false,
    };
    let rule = FaultRule::new(FaultService::LetsTalk, away);
    let rule = rule.method("POST").path("/messages").times(1);
    world.sandbox.core.faults.add(rule);
    phone.says("¿tienen zanahoria?");
    desk.hears("zanahoria").await;
    let sent = phone.does(Action::Image(sample("foto.jpg")));
    phone.taken(&sent).await;
    world.balances().await;

    let stored = messages(&world, &collector).await;
    let find = |is: &dyn Fn(&Message) -> bool| stored.values().find(|m| is(m)).unwrap().id.0;
    let picture = find(&|m| m.content.attachment().is_some());
    collector.hears(picture, "try media").await;
    collector.hears(picture, "try desk").await;
    world.house.stop(Part::Web).await;

    let traces = collector.traces();
    traces.values().for_each(|hops| is_sound(hops));
    let said = &traces[&find(&|m| words(m).contains("zanahoria"))];
    let (failed, rest): (Vec<&Hop>, Vec<&Hop>) = said
        .iter()
        .filter(|hop| hop.name == "try desk")
        .partition(|hop| hop.failed);
    let told = |hop: &Hop, name: &str| hop.attributes[name].clone();
    assert_eq!(told(failed[0], "relevo.attempt"), "1", "{said:#?}");
    assert_eq!(told(failed[0], "relevo.result"), "later");
    assert_eq!(told(failed[0], "error.type"), "transient");
    assert_eq!(told(failed[0], "http.response.status_code"), "503");
    assert_eq!(rest.len(), 1, "{said:#?}");
    assert_eq!(told(rest[0], "relevo.result"), "done");
    assert!(rest[0].began >= failed[0].ended);
    let waits = said.iter().filter(|hop| hop.name == "wait desk");
    assert_eq!(waits.count(), 1, "{said:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_never_answers_holds_nothing_up() {
    // Connections are made and nothing is ever read.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let settings = [("otlp_endpoint", url.as_str())];
    let world = World::set(Flavour::Production, &[KIND], &settings, |_| {}).await;
    let phone = world.phone(KIND, contact_of(KIND));
    talk(&world, &phone).await;
    world.balances().await;
    let metrics = format!("{}/metrics", world.house.url());
    let failed = "relevo_trace_spans{result=\"failed\"}";
    testkit::until(crate::wait::PATIENCE, || async {
        let page = world.http().get(&metrics).send().await.unwrap();
        let page = page.text().await.unwrap();
        let number = page.lines().find_map(|line| line.strip_prefix(failed));
        number.is_some_and(|number| number.trim() != "0")
    })
    .await;
    let doctor = world.house.command(&["doctor"]).await;
    let said = String::from_utf8_lossy(&doctor.stdout).into_owned();
    assert!(said.contains("FAILED  traces"), "{said}");
    world.house.stop(Part::Web).await;
    world.house.stop(Part::Worker).await;
}

/// A contact asks for a person, says something, and is answered.
async fn talk(world: &World, phone: &Phone<'_>) {
    phone.says("hola");
    phone.sees("Soy el asistente").await;
    phone.says("quiero hablar con una persona");
    phone.sees("Te comunico con una persona").await;
    let desk = world.desk(&phone.contact).await;
    desk.joins();
    phone.says("¿tienen zanahoria?");
    desk.hears("zanahoria").await;
    desk.says("No, pero sí berenjena");
    phone.sees("berenjena").await;
}

/// The stored messages; there is a trace of each, and no other.
async fn messages(world: &World, collector: &Collector) -> BTreeMap<Uuid, Message> {
    let conversations = world
        .parts
        .store
        .tenant(world.company.tenant)
        .conversations();
    let number = count(world).await;
    let all = || (collector.traces().len() >= number).then_some(());
    crate::wait::soon("trace of each message", all, || {
        format!("{} of {number}", collector.traces().len())
    })
    .await;
    let mut stored = BTreeMap::new();
    for id in collector.traces().into_keys() {
        let message = conversations.message(MessageId(id)).await;
        stored.insert(id, message.expect("a trace of no message"));
    }
    assert_eq!(stored.len(), number);
    stored
}

async fn count(world: &World) -> usize {
    use sea_orm::{ConnectionTrait as _, Statement};
    let url = world.house.database_url.as_str();
    let database = sea_orm::Database::connect(url).await.unwrap();
    let backend = database.get_database_backend();
    let counted = Statement::from_string(backend, "select count(*) as number from messages");
    let row = database.query_one_raw(counted).await.unwrap().unwrap();
    database.close().await.unwrap();
    usize::try_from(row.try_get::<i64>("", "number").unwrap()).unwrap()
}

fn words(message: &Message) -> String {
    message.content.words().unwrap_or_default().to_owned()
}

/// One beginning that everybody knows; everything else hangs from it and comes after it.
fn is_sound(hops: &[Hop]) {
    let roots: Vec<&Hop> = hops.iter().filter(|hop| hop.parent.is_empty()).collect();
    assert_eq!(roots.len(), 1, "{hops:#?}");
    let root = roots[0];
    for hop in hops {
        assert!(hop.began <= hop.ended, "{hop:#?}");
        assert!(hop.began >= root.began, "{hop:#?} before {root:#?}");
        if hop.parent.is_empty() {
            continue;
        }
        let parent = hops.iter().find(|other| other.id == hop.parent);
        let parent = parent.unwrap_or_else(|| panic!("no parent of {hop:#?} in {hops:#?}"));
        if parent.id != root.id {
            assert!(hop.began >= parent.began && hop.ended <= parent.ended);
            assert_eq!(hop.service, parent.service);
        }
    }
    let mut ids: Vec<&Vec<u8>> = hops.iter().map(|hop| &hop.id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), hops.len(), "two hops with one id: {hops:#?}");
}

/// The way of one message.
struct Way<'t>(&'t [Hop]);

impl Way<'_> {
    #[track_caller]
    fn has(&self, name: &str, service: &str, attribute: &str, value: &str) {
        let is = |hop: &Hop| {
            let told = hop.attributes.get(attribute).map(String::as_str);
            hop.name == name && hop.service == service && told == Some(value)
        };
        assert!(
            self.0.iter().any(is),
            "no «{name}» of {service} with {attribute}={value} in {:#?}",
            self.0
        );
    }

    /// How many shared its commit is chance.
    #[track_caller]
    fn stored(&self, service: &str) {
        let together = |hop: &&Hop| hop.name == "store" && hop.service == service;
        let hop = self.0.iter().find(together).expect("it was stored");
        assert!(
            hop.attributes["relevo.batch"].parse::<u32>().unwrap() > 0,
            "{hop:#?}"
        );
    }
}

/// Nothing of what was said, of who said it, or of what opens anything.
async fn says_nothing(world: &World, phone: &Phone<'_>, collector: &Collector) {
    let raw = collector.raw();
    let host = "127.0.0.1".to_owned();
    let mut hidden: Vec<String> = SAID.map(str::to_owned).to_vec();
    hidden.extend([phone.contact.clone(), phone.line.public_key.clone(), host]);
    hidden.extend([phone.line.account.clone(), phone.token().await]);
    hidden.push("Lucía".to_owned());
    let desk = world
        .parts
        .accounts
        .desk(world.company.tenant)
        .await
        .unwrap();
    hidden.push(desk.credentials.agent_key.expose().to_owned());
    for piece in hidden {
        assert!(!piece.is_empty());
        let found = raw.windows(piece.len()).any(|w| w == piece.as_bytes());
        assert!(!found, "«{piece}» stands in the traces");
    }
}
