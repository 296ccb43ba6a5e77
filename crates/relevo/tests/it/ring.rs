//! The eight steps of a bot as router: on every channel, in both flavours.

use crate::desk::{Desk, words};
use crate::house::Flavour;
use crate::phone::{Phone, sample, sample_hash};
use crate::world::World;
use domain::channel::ChannelKind;
use sandbox::letstalk::{Content, Message};
use sandbox::phone::Action;
use serde_json::json;

macro_rules! on_every_channel {
    ($($name:ident: $flavour:ident $kind:ident,)*) => {
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            the_ring(Flavour::$flavour, ChannelKind::$kind).await;
        })*
    };
}

on_every_channel! {
    a_telegram_contact_goes_to_an_agent_and_back_on_the_embedded_default: Embedded Telegram,
    a_whatsapp_contact_goes_to_an_agent_and_back_on_the_embedded_default: Embedded WhatsApp,
    a_messenger_contact_goes_to_an_agent_and_back_on_the_embedded_default: Embedded Messenger,
    an_instagram_contact_goes_to_an_agent_and_back_on_the_embedded_default: Embedded Instagram,
    a_telegram_contact_goes_to_an_agent_and_back_in_production: Production Telegram,
    a_whatsapp_contact_goes_to_an_agent_and_back_in_production: Production WhatsApp,
    a_messenger_contact_goes_to_an_agent_and_back_in_production: Production Messenger,
    an_instagram_contact_goes_to_an_agent_and_back_in_production: Production Instagram,
}

/// A contact's id as the platform makes them.
pub fn contact_of(kind: ChannelKind) -> &'static str {
    match kind {
        ChannelKind::WhatsApp => "5491155550001",
        ChannelKind::Messenger => "5000000000000001",
        ChannelKind::Instagram => "600000000000001",
        ChannelKind::Telegram | ChannelKind::Api | ChannelKind::Test => "6000000001",
    }
}

async fn the_ring(flavour: Flavour, kind: ChannelKind) {
    let world = World::start(flavour, &[kind]).await;
    let contact = contact_of(kind);
    let phone = world.phone(kind, contact);

    // The bot talks, through the send proxy.
    phone.says("hola");
    phone.sees("Soy el asistente de Café Austral").await;

    // A rule decides; the desk gets client and conversation, with the transcript and its link.
    phone.says("quiero hablar con una persona");
    phone.sees("Te comunico con una persona").await;
    let desk = world.desk(contact).await;
    let opened = desk.now();
    let opening = desk.texts()[0].clone();
    for part in ["hola", "Soy el asistente", "quiero hablar con una persona"] {
        assert!(opening.contains(part), "{part} is not in:\n{opening}");
    }
    let link = opening
        .split_whitespace()
        .find(|word| word.starts_with(&world.house.url()))
        .unwrap_or_else(|| panic!("no link in:\n{opening}"));
    let page = world.http().get(link).send().await.unwrap();
    assert_eq!(page.status(), 200, "{link}");
    let page = page.text().await.unwrap();
    assert!(page.contains("quiero hablar con una persona"), "{page}");
    assert_eq!(opened.metadata["relevo"]["channel"], kind.name());
    // WhatsApp's own id for the contact ends with the number here.
    let told = opened.metadata["relevo"]["contact"].as_str().unwrap();
    assert!(told.ends_with(contact), "{told}");
    assert!(
        !phone
            .texts()
            .iter()
            .any(|text| text.contains("no te entendí")),
        "the bot answered the request itself: {:?}",
        phone.texts()
    );

    // The agent answers: words, picture, PDF, options.
    desk.joins();
    desk.says("Hola, soy Lucía 👋 ¿en qué te ayudo?");
    phone.sees("soy Lucía 👋").await;
    let picture = sample("imagen.png").load("imagen.png").unwrap();
    desk.attaches("plano.png", "image/png", picture.bytes.to_vec());
    phone.sees_file(&sample_hash("imagen.png")).await;
    let paper = sample("presupuesto.pdf").load("presupuesto.pdf").unwrap();
    desk.attaches("factura.pdf", "application/pdf", paper.bytes.to_vec());
    phone.sees_file(&sample_hash("presupuesto.pdf")).await;
    desk.offers(json!({
        "title": "¿Qué día prefieres?",
        "options": {"viewType": "list", "showItemsIcon": false},
        "items": [
            {"type": "quick-reply", "payload": {"label": "Lunes", "message": "El lunes"}},
            {"type": "quick-reply", "payload": {"label": "Martes", "message": "El martes"}},
        ],
    }));
    let offered = phone.sees("¿Qué día prefieres?").await;
    let button = &offered.content.buttons[1];
    assert_eq!(button.title, "Martes");
    phone.does(Action::Tap {
        message_id: offered.id.clone(),
        button_id: button.id.clone(),
    });
    desk.hears("martes").await;

    // The contact sends everything there is, and it comes in order.
    everything_reaches_the_desk(kind, &phone, &desk).await;

    // A note stays inside: what was said after it is there, it is not.
    desk.notes("ojo: cliente difícil");
    desk.says("Queda anotado.");
    phone.sees("Queda anotado.").await;
    assert!(!phone.texts().iter().any(|text| text.contains("difícil")));

    // The bot tries to speak: refused in the platform's own way, and nobody hears it.
    let before = phone.seen().len();
    let (status, refusal) = phone.bot_says("¡Oferta! Dos por uno").await;
    assert!((400..500).contains(&status), "{status} {refusal}");
    match kind {
        ChannelKind::Telegram => assert_eq!(refusal["ok"], false, "{refusal}"),
        _ => assert!(refusal["error"]["code"].is_number(), "{refusal}"),
    }
    desk.says("¿Algo más?");
    phone.sees("¿Algo más?").await;
    assert_eq!(phone.seen().len(), before + 1, "{:?}", phone.texts());
    assert!(!phone.texts().iter().any(|text| text.contains("Oferta")));

    // The agent closes and the bot has the contact back.
    desk.closes();
    world.bot_hears("handoff.ended", 1).await;
    phone.says("¿cuál es el horario?");
    phone.sees("Abrimos de lunes a viernes").await;

    // The bot heard of it all, signed, and nothing was stored twice.
    let kinds: Vec<String> = world
        .bot_events()
        .iter()
        .filter_map(|event| event["type"].as_str())
        .filter(|name| name.starts_with("handoff."))
        .map(str::to_owned)
        .collect();
    assert_eq!(
        kinds,
        ["handoff.requested", "handoff.accepted", "handoff.ended"]
    );
    let bot = world.sandbox.services.bot.events(0);
    assert!(
        bot.iter()
            .all(|event| !event.kind.ends_with("_refused") || event.kind == "answer_refused")
    );
    let ledger = &world.sandbox.core.ledger;
    let letstalk = sandbox::ledger::Service::LetsTalk;
    assert_eq!(ledger.count(letstalk, "duplicate_remote_id"), 0);
}

async fn everything_reaches_the_desk(kind: ChannelKind, phone: &Phone<'_>, desk: &Desk<'_>) {
    let voice = match kind {
        ChannelKind::Messenger | ChannelKind::Instagram => "audio.m4a",
        _ => "voz.ogg",
    };
    phone.says("Te mando unas cosas");
    let first = desk.hears("Te mando unas cosas").await.id;
    let mut all = vec![
        (Action::Image(sample("foto.jpg")), Some("foto.jpg")),
        (Action::Voice(sample(voice)), Some(voice)),
        (
            Action::Document(sample("presupuesto.pdf")),
            Some("presupuesto.pdf"),
        ),
    ];
    // Messenger and Instagram no longer tell businesses where somebody is.
    if matches!(kind, ChannelKind::WhatsApp | ChannelKind::Telegram) {
        let place = Action::Location {
            latitude: -33.4489,
            longitude: -70.6693,
            name: None,
            address: None,
        };
        all.push((place, None));
    }
    all.push((
        Action::Sticker(sample("sticker.webp")),
        Some("sticker.webp"),
    ));
    let mut expected = Vec::new();
    for (action, file) in all {
        let id = phone.does(action);
        phone.taken(&id).await;
        expected.push(file.map_or("-33.4489".to_owned(), sample_hash));
        if kind == ChannelKind::Telegram && file == Some("sticker.webp") {
            // What the sticker stands for, since the desk may not show its picture.
            expected.push("😀".to_owned());
        }
    }
    let last = phone.says("y esto es todo");
    phone.taken(&last).await;
    expected.push("y esto es todo".to_owned());
    phone.does(Action::Reaction {
        message_id: last,
        emoji: "👍".to_owned(),
    });
    expected.push("👍".to_owned());
    desk.hears("👍").await;
    let heard: Vec<Message> = desk
        .heard()
        .into_iter()
        .filter(|it| it.id > first)
        .collect();
    let told: Vec<String> = heard.iter().map(words).collect();
    assert_eq!(heard.len(), expected.len(), "{told:#?}");
    for (message, wanted) in heard.iter().zip(&expected) {
        let as_wanted = match &message.content {
            Content::File(file) => file.sha256 == *wanted,
            _ => words(message).contains(wanted),
        };
        assert!(as_wanted, "not {wanted}, in:\n{told:#?}");
    }
}
