//! The test chat with made-up data.

use super::view::{Missing, TestChatPage, ThreadView, bubbles, trace};
use crate::pages::samples::{NOW, Samples};
use crate::pages::shell::Nav;
use adapters::store::HandoffRow;
use askama::Template;
use domain::channel::ChannelKind;
use domain::handoff::{AgentRef, HandoffOptions, HandoffReason, Phase};
use domain::ids::{ChannelId, ContactId, ConversationId, HandoffId, MessageId};
use domain::message::{
    Author, Content, DeliveryStatus, Message, OptionAction, OptionItem, OptionList,
};
use uuid::Uuid;

fn message(seq: i64, author: Author, name: Option<String>, content: Content) -> Message {
    Message {
        id: MessageId(Uuid::from_u128(u128::try_from(seq).unwrap())),
        conversation: ConversationId(Uuid::nil()),
        seq,
        author,
        author_name: name,
        content,
        external_id: None,
        reply_to: None,
        status: DeliveryStatus::Sent,
        failure: None,
        handoff: None,
        sent_at: NOW,
        received_at: NOW,
    }
}

fn talk(s: &Samples) -> Vec<Message> {
    let w = s.w;
    let reply = |label: &str| OptionItem {
        label: w(label),
        action: OptionAction::Reply { message: w(label) },
    };
    let link = OptionItem {
        label: w("Ver el catálogo"),
        action: OptionAction::Link {
            url: w("https://cafenorte.cl/catalogo"),
        },
    };
    let options = OptionList {
        title: w("¡Hola! Soy el bot de prueba. ¿Qué quieres probar?"),
        items: vec![
            reply("Que el bot no entienda"),
            reply("Hablar con una persona"),
            link,
        ],
    };
    let said = |text: &str| Content::text(w(text));
    vec![
        message(1, Author::Contact, None, said("hola")),
        message(2, Author::Bot, None, Content::Options(options)),
        message(
            3,
            Author::Contact,
            None,
            said("quiero hablar con una persona"),
        ),
        message(
            4,
            Author::System,
            None,
            said("Te comunico con una persona. Un momento, por favor."),
        ),
        message(
            5,
            Author::Agent,
            Some(w("Lucía Paz")),
            said("¡Hola, Camila! ¿En qué te ayudo?"),
        ),
    ]
}

fn handoff(s: &Samples) -> HandoffRow {
    HandoffRow {
        id: HandoffId(Uuid::nil()),
        conversation: ConversationId(Uuid::nil()),
        channel: ChannelId(Uuid::nil()),
        contact: ContactId(Uuid::nil()),
        reason: HandoffReason::Keyword,
        rule: None,
        options: HandoffOptions::default(),
        requested_at: NOW,
        requested_seq: 3,
        opened_at: Some(NOW),
        desk_conversation: Some(4),
        accepted_at: Some(NOW),
        agent: Some(AgentRef {
            id: 2,
            name: Some((s.w)("Lucía Paz")),
        }),
        first_human_at: Some(NOW),
        ended_at: None,
        end_reason: None,
        rating: None,
    }
}

/// The test chat before the first word, and in the middle of a handoff.
pub(crate) fn screens(s: &Samples) -> Vec<(&'static str, String)> {
    let (l, dates) = (s.l, s.dates());
    let phase = Phase::Bot {
        released_at: None,
        rating: None,
    };
    let row = s.row(1, ChannelKind::Test, phase, "hola", 0);
    let shell = || s.shell(Nav::Home, "/test-chat");
    let empty = TestChatPage {
        s: shell(),
        missing: Missing::of(None, false, l),
        thread: ThreadView {
            hello: Some(l.t("test-chat-hello")),
            bubbles: Vec::new(),
        },
        trace: trace(None, None, &dates, l),
        problem: Some(l.t("wrong-empty")),
        typed: (s.w)("hola"),
    };
    let talking = TestChatPage {
        s: shell(),
        missing: Vec::new(),
        thread: ThreadView {
            hello: None,
            bubbles: bubbles(&talk(s), &dates, l),
        },
        trace: trace(Some(&row), Some(&handoff(s)), &dates, l),
        problem: None,
        typed: String::new(),
    };
    vec![
        ("test-chat-empty", empty.render().unwrap()),
        ("test-chat", talking.render().unwrap()),
    ]
}
