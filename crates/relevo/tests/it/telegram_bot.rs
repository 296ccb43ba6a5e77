//! A tenant's bot made with an unmodified open-source library: grammY from npm, in
//! `tests/telegram-bot`. Only the base address of the Bot API is swapped.

use crate::house::Flavour;
use crate::ring::contact_of;
use crate::world::World;
use domain::channel::{ChannelCredentials, ChannelKind};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::Stdio;
use tempfile::TempDir;
use tokio::process::{Child, Command};

const KIND: ChannelKind = ChannelKind::Telegram;

/// The running bot; ends when dropped.
struct LibraryBot {
    _child: Child,
    url: String,
    log: TempDir,
}

impl LibraryBot {
    async fn start(world: &World) -> Self {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/telegram-bot");
        install(&folder).await;
        let line = world.line(KIND);
        let opened = world
            .parts
            .accounts
            .channel(world.company.tenant, line.channel)
            .await
            .unwrap();
        let ChannelCredentials::Telegram { token, .. } = opened.credentials.as_ref() else {
            panic!("not a Telegram line");
        };
        let port = testkit::free_port();
        let log = TempDir::with_prefix("relevo-bot-").unwrap();
        let out = std::fs::File::create(log.path().join("log")).unwrap();
        let api = format!("{}/proxy/telegram/{}", world.house.url(), line.public_key);
        let child = Command::new("node")
            .arg("bot.js")
            .current_dir(folder)
            .env("API_ROOT", api)
            .env("BOT_TOKEN", token.expose())
            .env("PORT", port.to_string())
            .env("SECRET_TOKEN", "grammy-secret_1")
            .stdin(Stdio::null())
            .stdout(out.try_clone().unwrap())
            .stderr(out)
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let bot = Self {
            _child: child,
            url: format!("http://127.0.0.1:{port}"),
            log,
        };
        let http = world.http();
        testkit::until(crate::wait::PATIENCE, || async {
            let asked = http.get(format!("{}/ready", bot.url)).send().await;
            let ready = asked.is_ok_and(|answer| answer.status() == 200);
            assert!(!bot.said().contains("fatal"), "{}", bot.said());
            ready
        })
        .await;
        bot
    }

    fn said(&self) -> String {
        std::fs::read_to_string(self.log.path().join("log")).unwrap_or_default()
    }

    /// The bot speaks of its own accord; answers what the library made of it.
    async fn pushes(&self, world: &World, chat: &str, text: &str) -> Value {
        let body = json!({"chat": chat, "text": text});
        let asked = world.http().post(format!("{}/push", self.url)).json(&body);
        asked.send().await.unwrap().json().await.unwrap()
    }
}

/// The library, once.
async fn install(folder: &std::path::Path) {
    if folder.join("node_modules/grammy").exists() {
        return;
    }
    let done = Command::new("npm")
        .args(["ci", "--no-audit", "--no-fund"])
        .current_dir(folder)
        .output()
        .await
        .expect("npm is needed for this test");
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success(), "npm ci: {said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unmodified_library_bot_is_silent_while_a_human_has_control_on_the_embedded_default() {
    a_library_bot(Flavour::Embedded).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unmodified_library_bot_is_silent_while_a_human_has_control_in_production() {
    a_library_bot(Flavour::Production).await;
}

async fn a_library_bot(flavour: Flavour) {
    let world = World::start(flavour, &[KIND]).await;
    let bot = LibraryBot::start(&world).await;
    let contact = contact_of(KIND);
    let phone = world.phone(KIND, contact);

    // It set its webhook through the proxy and answers; one answer goes in the webhook's body.
    phone.says("buenas");
    phone.sees("grammY: buenas").await;
    phone.says("¿dónde?");
    let place = |text: &String| text.contains("[location]");
    let look = || phone.texts().iter().any(place).then_some(());
    crate::wait::soon("place in the answer's body", look, || {
        format!("{:#?}\n{}", phone.texts(), bot.said())
    })
    .await;
    let free = bot.pushes(&world, contact, "grammY: oferta libre").await;
    assert_eq!(free["ok"], true, "{free}");
    phone.sees("oferta libre").await;

    // A human has control.
    phone.says("quiero hablar con una persona");
    phone.sees("Te comunico con una persona").await;
    let desk = world.desk(contact).await;
    desk.joins();
    desk.says("Hola, soy Lucía");
    phone.sees("soy Lucía").await;
    let before = phone.seen().len();
    for n in 0..20 {
        let muted = bot
            .pushes(&world, contact, &format!("grammY: muda {n}"))
            .await;
        assert_eq!(muted["ok"], false, "{muted}");
        // The library understands the refusal as the platform's own.
        assert!(muted["error_code"].is_number(), "{muted}");
        assert!(muted["description"].is_string(), "{muted}");
        phone.says(&format!("pregunta {n}"));
        desk.hears(&format!("pregunta {n}")).await;
    }
    desk.says("Eso es todo.");
    phone.sees("Eso es todo.").await;
    let seen = phone.texts();
    assert_eq!(seen.len(), before + 1, "{seen:#?}");

    // Afterwards it speaks again.
    desk.closes();
    world.bot_hears("handoff.ended", 1).await;
    phone.says("gracias");
    phone.sees("grammY: gracias").await;
    let free = bot.pushes(&world, contact, "grammY: de vuelta").await;
    assert_eq!(free["ok"], true, "{free}");
    phone.sees("de vuelta").await;
    let muted = phone
        .texts()
        .iter()
        .filter(|text| text.contains("muda"))
        .count();
    assert_eq!(muted, 0, "{:#?}", phone.texts());
}
