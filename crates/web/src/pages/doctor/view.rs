//! What a diagnosis shows.

use super::report::{Finding, Verdict, worst};
use crate::i18n::{Dates, Lang, When};
use crate::pages::figures::words::percent;
use crate::pages::parts::Badge;
use crate::pages::shell::Shell;
use adapters::store::Stuck;
use askama::Template;
use domain::outbound::Lane;
use domain::time::Timestamp;

/// What the worker writes into rows that wait for their connection.
const PAUSED: &str = "waiting for the connection to come back";

/// One check, in words.
pub(crate) struct FindingView {
    /// `ok`, `skipped`, `warn` or `failed`.
    pub verdict: &'static str,
    pub icon: &'static str,
    pub verdict_label: String,
    pub title: String,
    /// What to do; empty where nothing is.
    pub advice: String,
    /// The other side's words.
    pub detail: String,
}

/// The last diagnosis.
pub(crate) struct LastRun {
    pub at: When,
    pub tone: &'static str,
    pub icon: &'static str,
    pub says: String,
    pub findings: Vec<FindingView>,
}

/// The last diagnosis, if there was one.
pub(crate) fn last(
    kept: Option<(serde_json::Value, Timestamp)>,
    dates: &Dates,
    l: Lang,
) -> Option<LastRun> {
    let (report, at) = kept?;
    // One that an earlier version kept and that cannot be read is none.
    let found: Vec<Finding> = serde_json::from_value(report).ok()?;
    let (tone, icon, says) = match worst(&found) {
        Verdict::Ok => ("ok", "circle-check", "doctor-all-ok"),
        Verdict::Skipped => ("", "info", "doctor-all-skipped"),
        Verdict::Warn => ("warn", "triangle-alert", "doctor-all-warn"),
        Verdict::Failed => ("danger", "circle-alert", "doctor-all-failed"),
    };
    Some(LastRun {
        at: dates.short(at),
        tone,
        icon,
        says: l.t(says),
        findings: found.iter().map(|f| finding(f, l)).collect(),
    })
}

fn finding(found: &Finding, l: Lang) -> FindingView {
    let name = found.verdict.name();
    let (check, advice) = (&found.check, found.advice.as_deref());
    // `word` gives the name back where there is no such text.
    let title = match (advice, found.verdict) {
        (Some(key), Verdict::Warn) if key.starts_with("channel.") => l.word("warning", &plain(key)),
        _ => l.word("doctor-check", check),
    };
    let advice = match (advice, found.verdict) {
        (_, Verdict::Ok) => String::new(),
        (_, Verdict::Skipped) => l.t("probe-skipped-text"),
        (Some(key), _) if key.starts_with("channel.") => l.word("warning-advice", &plain(key)),
        (Some(key), _) => l.word("doctor-advice", &format!("{check}-{key}")),
        (None, _) => l.word("doctor-advice", check),
    };
    FindingView {
        verdict: name,
        icon: match found.verdict {
            Verdict::Ok => "circle-check",
            Verdict::Skipped => "circle-dashed",
            Verdict::Warn => "triangle-alert",
            Verdict::Failed => "circle-x",
        },
        verdict_label: l.t(&format!("doctor-verdict-{name}")),
        title,
        advice,
        detail: found.detail.clone(),
    }
}

/// A warning's key as texts can have it: Fluent knows no dots.
pub(crate) fn plain(key: &str) -> String {
    key.replace('.', "-")
}

/// One fact about a connection.
pub(crate) struct Fact {
    pub label: String,
    pub text: String,
    pub at: Option<When>,
    pub badge: Option<Badge>,
}

/// Collects facts.
pub(crate) struct Facts<'a> {
    l: Lang,
    dates: &'a Dates,
    pub all: Vec<Fact>,
}

impl<'a> Facts<'a> {
    pub fn new(l: Lang, dates: &'a Dates) -> Self {
        Self {
            l,
            dates,
            all: Vec::new(),
        }
    }

    fn add(&mut self, key: &str, text: String, at: Option<When>, badge: Option<Badge>) {
        self.all.push(Fact {
            label: self.l.t(&format!("doctor-{key}")),
            text,
            at,
            badge,
        });
    }

    pub fn said(&mut self, key: &str, text: String) {
        self.add(key, text, None, None);
    }

    pub fn instant(&mut self, key: &str, at: Option<Timestamp>) {
        match at {
            Some(at) => self.add(key, String::new(), Some(self.dates.short(at)), None),
            None => self.add(key, self.l.t("doctor-never"), None, None),
        }
    }

    pub fn badge(&mut self, key: &str, badge: Badge) {
        self.add(key, String::new(), None, Some(badge));
    }

    /// `failed` of `all`, in per cent.
    pub fn rate(&mut self, key: &str, failed: i64, all: i64) {
        let count = |n: i64| u64::try_from(n).unwrap_or(0);
        let rate = percent(self.l, count(failed), count(all));
        let (failed_text, all_text) = (failed.to_string(), all.to_string());
        let values = [
            ("rate", rate.as_str()),
            ("failed", failed_text.as_str()),
            ("all", all_text.as_str()),
        ];
        let tone = match failed {
            0 => "ok",
            _ if failed * 20 < all => "warn",
            _ => "danger",
        };
        let words = match all {
            0 => Badge::new("", self.l.t("doctor-nothing-sent")),
            _ => Badge::new(tone, self.l.filled("doctor-rate", &values)),
        };
        self.badge(key, words);
    }

    /// The platform's latest news about the account.
    pub fn news(&mut self, news: &serde_json::Value, at: Timestamp) {
        let text = |name: &str| news.get(name).and_then(|v| v.as_str()).unwrap_or_default();
        let known = self.l.word("news", text("code"));
        let what = match known == text("code") {
            true => self.l.t("news-other"),
            false => known,
        };
        let when = self.dates.short(at).text;
        let parts = [what.as_str(), text("detail"), &when];
        let told: Vec<&str> = parts.into_iter().filter(|p| !p.is_empty()).collect();
        self.said("news", told.join(" · "));
    }

    /// Whether sending is paused because the other side is down.
    pub fn pause(&mut self, stuck: &[Stuck], now: Timestamp) {
        let paused = stuck
            .iter()
            .any(|s| !s.given_up && s.error.as_deref() == Some(PAUSED) && s.next_at > now);
        let badge = match paused {
            true => Badge::new("warn", self.l.t("doctor-paused")),
            false => Badge::new("ok", self.l.t("doctor-not-paused")),
        };
        self.badge("pause", badge);
    }
}

/// Rows that wait or were given up, in words.
pub(crate) struct StuckView {
    pub tone: &'static str,
    pub what: String,
    pub why: String,
    pub oldest: When,
    pub next: Option<When>,
}

/// Rows that wait or were given up, in words.
pub(crate) fn stuck_views(
    stuck: &[Stuck],
    dates: &Dates,
    l: Lang,
    now: Timestamp,
) -> Vec<StuckView> {
    stuck
        .iter()
        .map(|s| {
            let state = if s.given_up { "given-up" } else { "waiting" };
            let lane = l.t(match s.lane {
                Lane::Channel => "doctor-lane-channel",
                Lane::Desk => "doctor-lane-desk",
                Lane::Bot => "doctor-lane-bot",
                Lane::Events => "doctor-lane-events",
                Lane::Media => "doctor-lane-media",
            });
            let count = l.n(&format!("doctor-{state}"), s.rows);
            StuckView {
                tone: if s.given_up { "danger" } else { "warn" },
                what: format!("{lane}: {count}"),
                why: why(s, l),
                oldest: dates.short(s.oldest),
                next: (!s.given_up && s.next_at > now).then(|| dates.short(s.next_at)),
            }
        })
        .collect()
}

fn why(stuck: &Stuck, l: Lang) -> String {
    match (stuck.code.as_deref(), stuck.error.as_deref()) {
        (Some("window"), _) => l.t("doctor-why-window"),
        (_, Some(PAUSED)) => l.t("doctor-why-paused"),
        (_, None | Some("")) => l.t("doctor-why-turn"),
        (Some(code), Some(words)) => {
            l.with("doctor-why-said", "words", format!("{words} ({code})"))
        }
        (None, Some(words)) => l.with("doctor-why-said", "words", words),
    }
}

#[derive(Template)]
#[template(path = "doctor.html")]
pub(crate) struct DoctorPage {
    pub s: Shell,
    pub title: String,
    pub lead: String,
    pub back: String,
    pub back_label: String,
    /// The channel's kind, for its mark.
    pub kind: Option<&'static str>,
    pub action: String,
    pub can_run: bool,
    pub last: Option<LastRun>,
    pub facts: Vec<Fact>,
    /// The realtime stream; empty for channels.
    pub stream: Vec<Fact>,
    pub stuck: Vec<StuckView>,
}
