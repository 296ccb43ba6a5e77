//! The history and a printed episode with made-up data.

use super::filter::Chosen;
use super::transcript::facts;
use super::view::{Filters, HandoffPage, HandoffView, HandoffsPage, Line};
use crate::extract::Fields;
use crate::pages::samples::{NOW, Samples};
use crate::pages::shell::Nav;
use adapters::store::{HistoryRow, Named};
use askama::Template;
use domain::channel::ChannelKind;
use domain::contact::ContactProfile;
use domain::handoff::{AgentRef, EndReason, HandoffReason};
use domain::ids::*;
use domain::metrics::{Exchange, Fact, Local};
use domain::time::Timestamp;
use uuid::Uuid;

pub(crate) fn named(s: &Samples) -> Named {
    let w = s.w;
    let channel = |n, kind, name| (ChannelId(Uuid::from_u128(n)), kind, w(name));
    Named {
        channels: vec![
            channel(1, ChannelKind::WhatsApp, "Ventas y postventa"),
            channel(2, ChannelKind::Telegram, "Soporte"),
            channel(3, ChannelKind::Messenger, "Tienda en línea"),
        ],
        rules: vec![
            (RuleId(Uuid::from_u128(1)), w("Pide hablar con una persona")),
            (
                RuleId(Uuid::from_u128(2)),
                w("El bot no entendió tres veces"),
            ),
        ],
        agents: vec![(1, w("Valentina Díaz")), (2, w("Ignacio Paredes"))],
    }
}

/// One of a row of handoffs that differ.
pub(crate) fn fact(n: i64) -> Fact {
    let requested = NOW.0 - n * 5_400_000 - (n % 7) * 61_000;
    let at = |seconds: i64| Some(Timestamp(requested + seconds * 1000));
    let taken = n % 5 != 3;
    let over = n > 1;
    let ends = [
        EndReason::AgentClosed,
        EndReason::UserInactive,
        EndReason::UserEnded,
        EndReason::NoAgentTimeout,
        EndReason::Error,
    ];
    let index = usize::try_from(n).unwrap_or(0);
    Fact {
        channel: ChannelId(Uuid::from_u128(1 + (index % 3) as u128)),
        rule: (n % 3 != 2).then(|| RuleId(Uuid::from_u128(1 + (index % 2) as u128))),
        reason: HandoffReason::ALL[(index * 7) % 4],
        local: Local::of("America/Santiago", Timestamp(requested)),
        requested_at: Timestamp(requested),
        accepted_at: at(20 + n * 13 % 400).filter(|_| taken && n > 0),
        first_human_at: at(45 + n * 37 % 900).filter(|_| taken && n > 0),
        ended_at: at(900 + n * 97 % 5000).filter(|_| over),
        end_reason: over.then(|| ends[index % 5]),
        rating: (over && n % 3 == 0).then_some(5 - (index % 3) as u8),
        previous_ended_at: (n % 6 == 4).then(|| Timestamp(requested - 3_600_000)),
        exchange: Exchange {
            contact_messages: 3 + n % 7,
            agent_messages: 2 + n % 5,
            replies: n % 4,
            reply_ms: n % 4 * 41_000,
        },
    }
}

fn row(s: &Samples, n: i64) -> HistoryRow {
    let w = s.w;
    let names = [
        "María José Fuenzalida",
        "Rodrigo Soto",
        "Ana Paula Ribeiro",
        "Los Tres Hermanos Distribuidora Ltda.",
    ];
    let fact = fact(n);
    HistoryRow {
        id: HandoffId(Uuid::from_u128(n as u128)),
        conversation: ConversationId(Uuid::from_u128(n as u128)),
        contact: ContactProfile {
            name: Some(w(names[n as usize % 4])),
            ..ContactProfile::default()
        },
        agent: fact.accepted_at.map(|_| AgentRef {
            id: 1,
            name: Some(w("Valentina Díaz")),
        }),
        fact,
    }
}

pub(crate) fn screens(s: &Samples) -> Vec<(&'static str, String)> {
    let (l, w) = (s.l, s.w);
    let named = named(s);
    let dates = s.dates();
    let view = |n| HandoffView::of(&row(s, n), &named, &dates, l);
    let page = |query: &str, rows: Vec<HandoffView>| {
        let today = Local::of("America/Santiago", NOW).day;
        let chosen = Chosen::of(&Fields::parse(query.as_bytes()), today);
        let page = HandoffsPage {
            s: s.shell(Nav::Handoffs, "/handoffs"),
            count: rows.len() as u64,
            count_text: l.with("handoffs-count", "n", rows.len().to_string()),
            filters: Filters::of(&chosen, &named, l),
            narrow: chosen.is_narrow(),
            older: (rows.len() > 5).then(|| "/handoffs?before=1".to_owned()),
            newest: None,
            rows,
            export: chosen.query(),
        };
        page.render().unwrap()
    };
    let said = [
        (
            "in",
            "María José Fuenzalida",
            "Quiero hablar con una persona, mi pedido no llega",
        ),
        (
            "system",
            "Relevo",
            "Te comunico con una persona del equipo.",
        ),
        (
            "agent",
            "Valentina Díaz",
            "Hola, María José. Soy Valentina. ¿Me das el número del pedido?",
        ),
        (
            "in",
            "María José Fuenzalida",
            "[Imagen: boleta.jpg] Es este",
        ),
    ];
    let h = view(6);
    let episode = HandoffPage {
        s: s.shell(Nav::Handoffs, "/handoffs/1"),
        facts: facts(&h, l),
        lines: said
            .map(|(side, by, text)| Line {
                side,
                by: w(by),
                at: dates.short(NOW),
                text: w(text),
                note: String::new(),
            })
            .into(),
        cut: false,
        printed: dates.short(NOW).title,
        h,
    };
    vec![
        ("handoffs", page("period=30", (0..24).map(view).collect())),
        (
            "handoffs-filtered",
            page(
                "period=custom&from=2026-11-01&to=2026-11-20&rating=5&only=abandoned",
                vec![view(3)],
            ),
        ),
        ("handoffs-none", page("period=7&rating=1", Vec::new())),
        ("handoffs-empty", page("period=7", Vec::new())),
        ("handoff", episode.render().unwrap()),
    ]
}
