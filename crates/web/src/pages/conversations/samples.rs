//! The screens of this room with made-up data.

use super::asked::Asked;
use super::get::entries;
use super::list_view::{ConversationsPage, Found, Talk};
use super::thread::{Look, views};
use super::trace_view::{TracePage, steps};
use super::view::{
    ConversationPage, Dead, Episode, EpisodesView, FootView, HeadView, StuckView, TagsView, facts,
    state,
};
use crate::extract::Fields;
use crate::pages::history::view::HistoryPage;
use crate::pages::parts::Choice;
use crate::pages::samples::{NOW, Samples};
use crate::pages::shell::Nav;
use adapters::store::{
    ConversationRow, DeadRow, FailedTry, Hit, Note, SearchPlace, Trace, TracePart, Work,
};
use askama::Template;
use domain::channel::ChannelKind;
use domain::handoff::EndReason;
use domain::ids::*;
use domain::message::*;
use domain::outbound::Task;
use domain::search::SearchTerms;
use domain::time::Timestamp;
use std::collections::HashMap;
use uuid::Uuid;

fn rows(s: &Samples) -> [ConversationRow; 3] {
    [
        s.row(
            0,
            ChannelKind::WhatsApp,
            s.active(),
            "¿Me pueden confirmar la hora?",
            0,
        ),
        s.row(1, ChannelKind::Telegram, s.bot(), "👨‍👩‍👧‍👦 שלום, كيف حالك؟", 2),
        s.row(
            2,
            ChannelKind::Instagram,
            s.bot(),
            &"larguísimo".repeat(20),
            0,
        ),
    ]
}

fn list(s: &Samples, query: &str) -> ConversationsPage {
    let fields = Fields::parse(query.as_bytes());
    let asked = Asked::parse(&fields, "America/Santiago");
    let mut page = ConversationsPage::asked(&asked, s.shell(Nav::Conversations, "/conversations"));
    let word = s.w;
    let all = Choice::new("", s.l.t("filter-all-states"), true);
    page.state = vec![all, Choice::new("human", s.l.t("filter-human"), false)];
    page.channel = vec![Choice::new("", s.l.t("filter-all-channels"), true)];
    page.rare = vec![
        (
            "rule",
            s.l.t("filter-rule"),
            vec![Choice::new("1", word("Pide una persona"), true)],
        ),
        (
            "tag",
            s.l.t("filter-tag"),
            vec![Choice::new(word("vip"), word("vip"), false)],
        ),
    ];
    page
}

fn notes(s: &Samples) -> Vec<Note> {
    let note = |n: u128, after_seq, text: &str| Note {
        id: Uuid::from_u128(n),
        after_seq,
        by: (s.w)("Camila Rojas"),
        text: (s.w)(text),
        at: NOW,
    };
    vec![
        note(1, 3, "Es clienta desde 2019, tratar con cariño."),
        note(2, 99, "no se ve"),
    ]
}

fn viewer(s: &Samples, many: bool) -> ConversationPage {
    let l = s.l;
    let [row, ..] = rows(s);
    let dates = s.dates();
    let mut messages = s.messages();
    if many {
        let first = messages.clone();
        messages = (1..=500)
            .map(|seq| {
                let mut message = first[usize::try_from(seq).unwrap() % first.len()].clone();
                message.seq = seq;
                message
            })
            .collect();
    }
    let failed = messages
        .iter()
        .filter(|m| m.status == DeliveryStatus::Failed);
    let dead: HashMap<_, _> = failed.map(|m| (m.id, OutboxId(1))).collect();
    let contact = super::view::contact_name(&row, l);
    let look = Look {
        l,
        dates: &dates,
        contact: &contact,
        kind: ChannelKind::WhatsApp,
        files: "/files",
        conversation: "1",
        csrf: "token",
        dead: &dead,
        doubtful: &[7],
    };
    let given_up = DeadRow {
        id: OutboxId(3),
        conversation: ConversationId(Uuid::nil()),
        task: Task::CloseDesk {
            handoff: HandoffId(Uuid::nil()),
            duplicate: None,
        },
        attempts: 3,
        error: (s.w)("503 Service Unavailable"),
        code: Some((s.w)("503")),
        died_at: NOW,
    };
    let handoffs = [s.handoff(None), s.handoff(Some(EndReason::AgentClosed))];
    ConversationPage {
        id: "1".to_owned(),
        kind: row.channel_kind.name(),
        contact: contact.clone(),
        channel: row.channel_name.clone(),
        last_seq: 14,
        notes: 1,
        head: HeadView {
            state: state(&row.conversation.state, l),
            oob: false,
        },
        foot: FootView::of(&row, true, "token", l),
        older: Some(1),
        newest: true,
        entries: entries(views(None, &messages, &look), &notes(s), &look),
        stuck: StuckView {
            l,
            id: "1".to_owned(),
            count: 2,
            dead: vec![Dead::of(&given_up, l)],
            may_act: true,
            csrf: "token".to_owned(),
            oob: false,
        },
        tags: TagsView {
            l,
            id: "1".to_owned(),
            tags: row.contact.profile.tags.clone(),
            may_act: true,
            csrf: "token".to_owned(),
            oob: true,
        },
        episodes: EpisodesView {
            l,
            handoffs: handoffs.iter().map(|h| Episode::of(h, &dates, l)).collect(),
            oob: false,
        },
        facts: facts(&row, l),
        note_id: Uuid::nil().to_string(),
        s: s.shell(Nav::Conversations, "/conversations/1"),
    }
}

fn trace(s: &Samples) -> TracePage {
    let word = s.w;
    let messages = s.messages();
    let mut message = messages[5].clone();
    message.author = Author::Agent;
    message.received_at = Timestamp(NOW.0 + 120);
    message.sent_at = NOW;
    let at = |ms: i64| Timestamp(NOW.0 + ms);
    let tried = FailedTry {
        at: at(700),
        error: word("connection reset by peer"),
        code: Some(word("HTTP 502")),
        ambiguous: true,
    };
    let trace = Trace {
        origin: Some(format!(
            "{} 17000000000000001",
            word("conversation-7").replace(' ', "")
        )),
        rule: Some((RuleId(Uuid::nil()), Some(word("Pide una persona")))),
        decided: Some("user_request".to_owned()),
        doubtful: true,
        work: vec![Work {
            id: OutboxId(1),
            task: Task::SendToContact {
                message: message.id,
            },
            state: "done".to_owned(),
            queued_at: at(120),
            first_try_at: Some(at(131)),
            next_at: at(120),
            ended_at: Some(at(4_900)),
            tries: vec![tried],
        }],
        parts: vec![TracePart {
            number: 0,
            identity: Uuid::nil(),
            external_id: Some(word("wamid.HBgLNTY5")),
            status: DeliveryStatus::Read,
            sent_at: Some(at(4_900)),
            delivered_at: Some(at(5_400)),
            read_at: Some(at(65_000)),
            failed_at: None,
        }],
    };
    let mut led = s.handoff(None);
    led.opened_at = Some(at(300));
    led.desk_conversation = Some(686_949);
    led.accepted_at = Some(at(9_000));
    message.handoff = None;
    let steps = steps(&message, &trace, Some(&led), &s.dates(), s.l);
    let shell = s.shell(Nav::Conversations, "/conversations/1");
    TracePage::of(&message, word("María José Fuenzalida"), steps, shell)
}

/// Every screen of this room.
pub(crate) fn screens(s: &Samples) -> Vec<(&'static str, String)> {
    let (l, dates) = (s.l, s.dates());
    let rows = rows(s);
    let mut full = list(s, "");
    full.talks = rows.iter().map(|r| Talk::of(r, &dates, l)).collect();
    full.older = Some("/conversations?before=1".to_owned());
    full.live = Some("/conversations/live".to_owned());
    let mut empty = list(s, "");
    empty.live = Some("/conversations/live".to_owned());
    let none = list(s, "state=active&tag=vip&from=2026-11-01&failed=1");
    let typed = (s.w)("pedido");
    let query: String = url::form_urlencoded::byte_serialize(typed.as_bytes()).collect();
    let mut found = list(s, &format!("q={query}"));
    let terms = SearchTerms::parse("pedido").unwrap();
    let hit = |row: &ConversationRow, words: &str| Hit {
        row: row.clone(),
        message: MessageId(Uuid::nil()),
        seq: 3,
        author: Author::Agent,
        author_name: Some((s.w)("Valentina Díaz")),
        content: Content::text((s.w)(words)),
        handoff: None,
        sent_at: NOW,
        place: SearchPlace::Entry(7),
    };
    found.found = rows
        .iter()
        .map(|row| {
            Found::of(
                &hit(row, "Tu PEDIDO ya salió; el pedido llega mañana"),
                &terms,
                &dates,
                l,
            )
        })
        .collect();
    found.newer = Some("/conversations?after=1".to_owned());
    let lost = list(s, &format!("q={query}"));
    let plain_contact = (s.w)("María José Fuenzalida");
    let history = HistoryPage {
        s: s.outside("/history/1"),
        kind: "whatsapp",
        contact: plain_contact.clone(),
        channel: (s.w)("WhatsApp · Atención a clientes"),
        expires: l.with("history-expires", "when", "30 nov"),
        older: Some("/history/1?before=1".to_owned()),
        newest: None,
        messages: s.thread(&plain_contact, "/history/1/files", ""),
    };
    vec![
        ("conversations", full.render().unwrap()),
        ("conversations-empty", empty.render().unwrap()),
        ("conversations-none", none.render().unwrap()),
        ("conversations-found", found.render().unwrap()),
        ("conversations-lost", lost.render().unwrap()),
        ("conversation", viewer(s, false).render().unwrap()),
        ("conversation-500", viewer(s, true).render().unwrap()),
        ("conversation-trace", trace(s).render().unwrap()),
        ("history", history.render().unwrap()),
    ]
}
