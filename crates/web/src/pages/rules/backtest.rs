//! Trying rules on the recorded past, a part at a time: each request looks at a bounded part and
//! hands its findings on in the form, so nobody waits for somebody else's long past, and no
//! script is needed to go on.

use super::view::BacktestPage;
use crate::extract::{Fields, Member, Posted};
use crate::i18n::Lang;
use crate::pages::error::PageError;
use crate::pages::figures::words::percent;
use crate::pages::parts::Choice;
use crate::pages::shell::{Nav, Shell};
use crate::pages::{Page, html};
use actix_web::http::StatusCode;
use actix_web::web;
use adapters::store::PastCursor;
use askama::Template;
use domain::ids::ConversationId;
use domain::routing::{Backtest, CompiledRules, Past, Rule, replay};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{Duration, Instant};

/// At most so many conversations in all, and messages of each.
const MOST: u32 = 5000;
const MESSAGES: u64 = 300;
/// Conversations read at once, and the time after which a request hands on what it has.
const STEP: u64 = 50;
const TIME: Duration = Duration::from_millis(1500);
const EXAMPLES: usize = 10;
const DAYS: [&str; 4] = ["1", "7", "30", "90"];

/// What the requests before this one found; travels in the form.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Findings {
    /// Stands for the rules: another draft begins anew.
    draft: u64,
    /// Where the range begins.
    from: Timestamp,
    /// Where to go on.
    next: Option<(Timestamp, ConversationId)>,
    report: Backtest,
    /// Conversations that were handed off and would not be.
    lost: Vec<ConversationId>,
}

/// The box as a page shows it.
#[derive(Template)]
#[template(path = "backtest.html")]
pub(crate) struct BacktestView {
    pub l: Lang,
    /// In the editor of one rule: alone, or with the others.
    pub scopes: Vec<Choice>,
    pub days: Vec<Choice>,
    /// The limits in words.
    pub limits: String,
    /// The findings so far, for the next request; empty before the first.
    pub state: String,
    /// There is more to look at.
    pub more: bool,
    pub result: Option<BacktestResult>,
}

/// The findings in words.
pub(crate) struct BacktestResult {
    pub looked: String,
    pub would: u32,
    pub share: String,
    pub also: u32,
    pub new: u32,
    pub lost: u32,
    pub by_rule: Vec<(String, String)>,
    pub examples: Vec<ExampleItem>,
    pub lost_links: Vec<String>,
}

/// A conversation that the draft would hand off.
pub(crate) struct ExampleItem {
    pub href: String,
    pub words: String,
    pub rule: String,
    pub anyway: bool,
}

/// The box before anything was looked at.
pub(crate) fn view(fields: &Fields, l: Lang, in_editor: bool) -> BacktestView {
    let days = match fields.get("bt_days") {
        "" => "30",
        days => days,
    };
    let alone = fields.get("bt_scope") != "list";
    let scopes = if in_editor {
        vec![
            Choice::new("alone", l.t("bt-scope-alone"), alone),
            Choice::new("list", l.t("bt-scope-list"), !alone),
        ]
    } else {
        vec![]
    };
    BacktestView {
        l,
        scopes,
        days: DAYS
            .iter()
            .map(|d| {
                Choice::new(
                    *d,
                    l.n("bt-days", d.parse::<i64>().unwrap_or(30)),
                    *d == days,
                )
            })
            .collect(),
        limits: l.filled(
            "bt-limits",
            &[
                ("conversations", &MOST.to_string()),
                ("messages", &MESSAGES.to_string()),
            ],
        ),
        state: String::new(),
        more: false,
        result: None,
    }
}

pub(super) async fn show(member: Member) -> Page {
    let view = view(&Fields::default(), member.visitor.lang, false);
    Ok(page(&member, view))
}

/// Tries the stored list.
pub(super) async fn run(member: Member, form: Posted) -> Page {
    let rules = member.store.rules().book().await?.rules();
    let goes_on = form.0.get("op") == "backtest-more";
    let view = look(&member, &form.0, rules, goes_on, false).await?;
    Ok(page(&member, view))
}

fn page(member: &Member, backtest: BacktestView) -> actix_web::HttpResponse {
    let page = BacktestPage {
        backtest,
        s: Shell::inside(member, Nav::Rules),
    };
    html(StatusCode::OK, &page)
}

/// Looks at the next part of the past under `rules`.
pub(super) async fn look(
    member: &Member,
    fields: &Fields,
    rules: Vec<Rule>,
    goes_on: bool,
    in_editor: bool,
) -> Result<BacktestView, PageError> {
    let l = member.visitor.lang;
    let now = member.visitor.app.clock.now();
    let days = fields
        .get("bt_days")
        .parse::<u64>()
        .unwrap_or(30)
        .clamp(1, 90);
    let draft = fingerprint(&rules, days);
    let found: Option<Findings> = serde_json::from_str(fields.get("bt_state")).ok();
    let mut found = found
        .filter(|found| goes_on && found.draft == draft)
        .unwrap_or_else(|| Findings {
            draft,
            from: now.before(Duration::from_secs(days * 86_400)),
            next: None,
            report: Backtest::default(),
            lost: vec![],
        });
    let names: Vec<Rule> = rules.clone();
    let more = advance(member, rules, &mut found).await?;
    let mut shown = view(fields, l, in_editor);
    shown.more = more;
    shown.state = serde_json::to_string(&found).map_err(|e| PageError::Broken(e.to_string()))?;
    shown.result = Some(told(&found, &names, l));
    Ok(shown)
}

/// Reads and judges until the time is up; whether there is more. Judging happens on a thread of
/// its own, so that a slow expression holds up no other page.
async fn advance(
    member: &Member,
    rules: Vec<Rule>,
    found: &mut Findings,
) -> Result<bool, PageError> {
    let began = Instant::now();
    let settings = std::sync::Arc::new(member.tenant.settings.clone());
    let (compiled, _) = CompiledRules::compile_each(rules);
    let compiled = std::sync::Arc::new(compiled);
    let past = member.store.past();
    loop {
        let before = found.next.map(|(at, id)| PastCursor { at, id });
        let (page, end) = past.page(found.from, before, STEP, MESSAGES).await?;
        let Some(end) = end else { return Ok(false) };
        let (compiled, settings, from) = (compiled.clone(), settings.clone(), found.from);
        let judged = web::block(move || judge(&compiled, &page, &settings, from)).await;
        for report in judged.map_err(|e| PageError::Unavailable(e.to_string()))? {
            let (report, conversation) = report;
            if report.only_history > 0 && found.lost.len() < EXAMPLES {
                found.lost.push(conversation);
            }
            found.report.absorb(report, EXAMPLES);
        }
        found.next = Some((end.at, end.id));
        if found.report.conversations >= MOST {
            return Ok(false);
        }
        if began.elapsed() >= TIME {
            return Ok(true);
        }
    }
}

fn judge(
    rules: &CompiledRules,
    page: &[Past],
    settings: &domain::tenant::TenantSettings,
    from: Timestamp,
) -> Vec<(Backtest, ConversationId)> {
    let phrases = &settings.fallback_phrases;
    page.iter()
        .map(|past| {
            (
                replay(rules, past, &settings.hours, phrases, from),
                past.conversation,
            )
        })
        .collect()
}

fn fingerprint(rules: &[Rule], days: u64) -> u64 {
    let mut hasher = DefaultHasher::new();
    serde_json::to_string(rules)
        .unwrap_or_default()
        .hash(&mut hasher);
    days.hash(&mut hasher);
    hasher.finish()
}

fn told(found: &Findings, rules: &[Rule], l: Lang) -> BacktestResult {
    let report = &found.report;
    let name = |id| {
        let rule = rules.iter().find(|rule| rule.id == id);
        rule.map_or_else(String::new, |rule| rule.name.clone())
    };
    let would = report.would_hand_off();
    BacktestResult {
        looked: l.n("bt-looked", i64::from(report.conversations)),
        would,
        share: percent(l, u64::from(would), u64::from(report.conversations)),
        also: report.also,
        new: report.only_draft,
        lost: report.only_history,
        by_rule: report
            .by_rule
            .iter()
            .map(|(rule, count)| (name(*rule), count.to_string()))
            .collect(),
        examples: report
            .examples
            .iter()
            .map(|example| ExampleItem {
                href: format!("/conversations/{}", example.conversation),
                words: example.words.clone(),
                rule: name(example.rule),
                anyway: example.handed_off,
            })
            .collect(),
        lost_links: found
            .lost
            .iter()
            .map(|id| format!("/conversations/{id}"))
            .collect(),
    }
}

/// Findings that came back in a form, for [`crate::hostile`].
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn read(state: &str) {
    let _ = serde_json::from_str::<Findings>(state);
}
