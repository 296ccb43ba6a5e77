//! What the history shows.

use super::filter::{Chosen, only_name};
use crate::i18n::{Dates, Lang, When};
use crate::pages::figures::words;
use crate::pages::parts::{Badge, Choice};
use crate::pages::shell::Shell;
use adapters::store::{HistoryRow, Named};
use askama::Template;
use domain::contact::ContactProfile;
use domain::handoff::{EndReason, HandoffReason};
use std::time::Duration;

/// One episode.
pub(crate) struct HandoffView {
    pub id: String,
    pub conversation: String,
    pub contact: String,
    pub channel: String,
    pub reason: String,
    pub rule: String,
    pub agent: String,
    pub requested: When,
    pub accepted: Option<When>,
    pub first_human: Option<When>,
    pub ended: Option<When>,
    pub end: Badge,
    /// Request → agent, request → first human message, agent → end.
    pub assignment: String,
    pub first_response: String,
    pub resolution: String,
    pub stars: String,
    pub rating_label: String,
    pub messages: String,
}

impl HandoffView {
    pub fn of(row: &HistoryRow, named: &Named, dates: &Dates, l: Lang) -> Self {
        let fact = &row.fact;
        let span = |d: Option<Duration>| {
            d.map_or_else(
                || words::NOTHING.to_owned(),
                |d| words::duration(l, d.as_secs()),
            )
        };
        let channel = named
            .channel(fact.channel)
            .map_or_else(String::new, |(_, name)| name.to_owned());
        let counted = fact.ended_at.is_some();
        let said = |n: i64| words::number(l, u64::try_from(n).unwrap_or(0));
        Self {
            id: row.id.to_string(),
            conversation: row.conversation.to_string(),
            contact: contact_name(&row.contact, l),
            channel,
            reason: l.word("reason", fact.reason.name()),
            rule: rule_name(row, named, l),
            agent: agent_name(row, l),
            requested: dates.short(fact.requested_at),
            accepted: fact.accepted_at.map(|t| dates.short(t)),
            first_human: fact.first_human_at.map(|t| dates.short(t)),
            ended: fact.ended_at.map(|t| dates.short(t)),
            end: end_badge(row, l),
            assignment: span(fact.time_to_assignment()),
            first_response: span(fact.first_response()),
            resolution: span(fact.resolution()),
            stars: "★".repeat(fact.rating.unwrap_or(0).into()),
            rating_label: fact
                .rating
                .map(|r| l.with("rated", "stars", r.to_string()))
                .unwrap_or_default(),
            messages: if counted {
                let both = [
                    ("contact", said(fact.exchange.contact_messages)),
                    ("agent", said(fact.exchange.agent_messages)),
                ];
                l.filled(
                    "handoffs-messages-said",
                    &both.each_ref().map(|(k, v)| (*k, v.as_str())),
                )
            } else {
                words::NOTHING.to_owned()
            },
        }
    }
}

/// The best name we know of a contact.
pub(crate) fn contact_name(profile: &ContactProfile, l: Lang) -> String {
    let handle = profile.username.as_ref().map(|u| format!("@{u}"));
    profile
        .name
        .clone()
        .or(handle)
        .or_else(|| profile.phone.clone())
        .unwrap_or_else(|| l.t("contact-unnamed"))
}

pub(crate) fn rule_name(row: &HistoryRow, named: &Named, l: Lang) -> String {
    match row.fact.rule {
        None => words::NOTHING.to_owned(),
        Some(rule) => named
            .rule(rule)
            .map_or_else(|| l.t("handoffs-rule-gone"), str::to_owned),
    }
}

pub(crate) fn agent_name(row: &HistoryRow, l: Lang) -> String {
    match &row.agent {
        None => words::NOTHING.to_owned(),
        Some(agent) => agent
            .name
            .clone()
            .unwrap_or_else(|| l.t("handoffs-agent-unnamed")),
    }
}

/// How it ended, or that it has not.
fn end_badge(row: &HistoryRow, l: Lang) -> Badge {
    let Some(end) = row.fact.end_reason else {
        return match row.fact.accepted_at {
            Some(_) => Badge::new("accent", l.word("phase", "active")),
            None => Badge::new("warn", l.word("phase", "waiting")),
        };
    };
    let tone = match end {
        EndReason::AgentClosed | EndReason::UserEnded => "ok",
        EndReason::Error => "danger",
        EndReason::NoAgentTimeout | EndReason::OutOfHours | EndReason::AgentInactive => "warn",
        EndReason::UserInactive | EndReason::ChannelWindowClosed | EndReason::OperatorForced => "",
    };
    Badge::new(tone, l.word("end", end.name()))
}

/// The choices of the filter.
pub(crate) struct Filters {
    pub periods: Vec<Choice>,
    pub from: String,
    pub to: String,
    pub custom: bool,
    pub channels: Vec<Choice>,
    pub rules: Vec<Choice>,
    pub agents: Vec<Choice>,
    pub reasons: Vec<Choice>,
    pub ends: Vec<Choice>,
    pub ratings: Vec<Choice>,
    /// The rows behind a number, if that is what is shown: its name, and what it says.
    pub only: Option<(String, String)>,
    /// The span does not matter for what is open now.
    pub any_day: bool,
    /// The address without it.
    pub without_only: String,
    /// How many of the less usual are chosen.
    pub more: usize,
}

impl Filters {
    pub fn of(chosen: &Chosen, named: &Named, l: Lang) -> Self {
        let f = &chosen.filter;
        let with_all = |all: &str, choices: Vec<Choice>| {
            let none = choices.iter().all(|c| !c.on);
            let mut list = vec![Choice::new("", l.t(all), none)];
            list.extend(choices);
            list
        };
        let channels = named.channels.iter();
        let rules = named.rules.iter();
        let agents = named.agents.iter();
        let reasons = HandoffReason::ALL.iter();
        let ends = EndReason::ALL.iter();
        let unnamed = l.t("handoffs-agent-unnamed");
        let agent = |name: &String| {
            if name.is_empty() {
                unnamed.clone()
            } else {
                name.clone()
            }
        };
        let mut without = chosen.clone();
        without.filter.only = None;
        Self {
            periods: chosen.period.choices(l),
            from: chosen.period.from.text(),
            to: chosen.period.to.text(),
            custom: chosen.period.name == "custom",
            channels: with_all(
                "filter-all-channels",
                channels
                    .map(|(id, _, name)| Choice::new(id.to_string(), name, f.channel == Some(*id)))
                    .collect(),
            ),
            rules: with_all(
                "handoffs-all-rules",
                rules
                    .map(|(id, name)| Choice::new(id.to_string(), name, f.rule == Some(*id)))
                    .collect(),
            ),
            agents: with_all(
                "handoffs-all-agents",
                agents
                    .map(|(id, name)| {
                        Choice::new(id.to_string(), agent(name), f.agent == Some(*id))
                    })
                    .collect(),
            ),
            reasons: with_all(
                "handoffs-all-reasons",
                reasons
                    .map(|r| {
                        Choice::new(r.name(), l.word("reason", r.name()), f.reason == Some(*r))
                    })
                    .collect(),
            ),
            ends: with_all(
                "handoffs-all-ends",
                ends.map(|e| Choice::new(e.name(), l.word("end", e.name()), f.end == Some(*e)))
                    .collect(),
            ),
            ratings: with_all(
                "handoffs-all-ratings",
                (1..=5_u8)
                    .rev()
                    .map(|n| Choice::new(n.to_string(), "★".repeat(n.into()), f.rating == Some(n)))
                    .collect(),
            ),
            any_day: f.only.is_some() && f.from.is_none(),
            only: f.only.map(|only| {
                let name = only_name(only);
                let words = l.word("only", name.split('-').next().unwrap_or(""));
                (name, words)
            }),
            without_only: format!("/handoffs?{}", without.query()),
            more: [
                f.rule.is_some(),
                f.agent.is_some(),
                f.reason.is_some(),
                f.end.is_some(),
                f.rating.is_some(),
            ]
            .into_iter()
            .filter(|on| *on)
            .count(),
        }
    }
}

#[derive(Template)]
#[template(path = "handoffs.html")]
pub(crate) struct HandoffsPage {
    pub s: Shell,
    pub count: u64,
    pub count_text: String,
    pub filters: Filters,
    pub narrow: bool,
    pub rows: Vec<HandoffView>,
    pub older: Option<String>,
    pub newest: Option<String>,
    pub export: String,
}

/// One message of a printed episode.
pub(crate) struct Line {
    pub side: &'static str,
    pub by: String,
    pub at: When,
    pub text: String,
    pub note: String,
}

#[derive(Template)]
#[template(path = "handoff.html")]
pub(crate) struct HandoffPage {
    pub s: Shell,
    pub h: HandoffView,
    pub facts: Vec<(String, String)>,
    pub lines: Vec<Line>,
    pub cut: bool,
    pub printed: String,
}
