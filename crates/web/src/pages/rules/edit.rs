//! The rule editor. Every change of its shape is a submit, so that it works without scripts.

use super::backtest::{self, BacktestView};
use super::conflict::{self, Saved};
use super::draft::{action_fields, read_action};
use super::get::rule;
use super::node::node_view;
use super::presets;
use super::tree::{self, Wrong};
use super::trial;
use super::view::{Conflict, RuleEditPage, TrialView, channel_choices};
use crate::extract::{Fields, Form, Manager, Member, Posted};
use crate::pages::error::PageError;
use crate::pages::parts::Choice;
use crate::pages::preview::{self, Preview};
use crate::pages::settings::close_policy;
use crate::pages::shell::{Nav, Shell};
use crate::pages::{Page, html};
use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use domain::channel::ChannelKind;
use domain::handoff::ClosePolicy;
use domain::ids::RuleId;
use domain::message::Content;
use domain::routing::{CompiledRules, Condition, Rule};
use domain::tenant::Role;
use domain::variables::Variable;
use uuid::Uuid;

/// A rule in the editor, with what is wrong with it.
struct Draft {
    rule: Rule,
    form: Form,
    wrong: Vec<Wrong>,
    is_new: bool,
    /// The version of the list that it was opened on.
    base: Option<i64>,
}

/// What a button of the editor shows beside the rule.
#[derive(Default)]
struct Extras {
    trial: Option<TrialView>,
    backtest: Option<BacktestView>,
    preview: Option<Preview>,
    conflict: Option<Conflict>,
    problem: Option<String>,
}

pub(super) async fn new(request: HttpRequest, Manager(member): Manager) -> Page {
    let query = Fields::parse(request.query_string().as_bytes());
    let id = RuleId(member.visitor.app.ids.next());
    let rule = presets::rule(query.get("preset"), id, member.visitor.lang);
    let draft = loaded(rule, true, None);
    Ok(shown(&member, draft, Extras::default(), StatusCode::OK))
}

pub(super) async fn show(member: Member, id: Path<Uuid>) -> Page {
    let book = member.store.rules().book().await?;
    let version = book.version;
    let found = book.rows.into_iter().find(|row| row.rule.id.0 == *id);
    let rule = found.ok_or(PageError::NotFound)?.rule;
    let draft = loaded(rule, false, Some(version));
    Ok(shown(&member, draft, Extras::default(), StatusCode::OK))
}

pub(super) async fn create(Manager(member): Manager, form: Posted) -> Page {
    let id = RuleId(member.visitor.app.ids.next());
    work(&member, id, form.0, true).await
}

pub(super) async fn save(Manager(member): Manager, id: Path<Uuid>, form: Posted) -> Page {
    // The rule may be gone meanwhile; then saving says so and keeps what was typed.
    if form.0.get("base").is_empty() {
        rule(&member, *id).await?;
    }
    work(&member, RuleId(*id), form.0, false).await
}

/// The editor filled from a stored rule.
fn loaded(rule: Rule, is_new: bool, base: Option<i64>) -> Draft {
    let mut form = Form::default();
    form.fields.set("name", &rule.name);
    form.fields.tick("enabled", rule.enabled);
    action_fields(&rule.action, &mut form.fields);
    // The root is a group, so that a second condition can be added beside the first.
    let condition = match rule.condition {
        group @ (Condition::All { .. } | Condition::Any { .. }) => group,
        single => Condition::All { of: vec![single] },
    };
    Draft {
        rule: Rule { condition, ..rule },
        form,
        wrong: vec![],
        is_new,
        base,
    }
}

/// The editor as it was sent.
fn read(member: &Member, id: RuleId, fields: Fields, is_new: bool) -> Draft {
    let l = member.visitor.lang;
    let mut wrong = Vec::new();
    let condition = tree::read(&fields, "c", &mut wrong);
    let channels = fields.all("channels").filter_map(ChannelKind::from_name);
    let channels: Vec<_> = channels.collect();
    let mut form = Form::from(fields);
    if form.on("own_close") && !form.on("rating_question") {
        close_policy::show(&ClosePolicy::default(), &mut form.fields);
    }
    let name = form.v("name").to_owned();
    if name.is_empty() {
        form.refuse("name", l.t("wrong-empty"));
    }
    let rule = Rule {
        id,
        name,
        enabled: form.on("enabled"),
        channels,
        condition,
        action: read_action(&mut form, l),
    };
    Draft {
        base: form.v("base").parse().ok(),
        rule,
        form,
        wrong,
        is_new,
    }
}

/// Does what the pressed button says.
async fn work(member: &Member, id: RuleId, fields: Fields, is_new: bool) -> Page {
    let operation = fields.get("op").to_owned();
    let mut draft = read(member, id, fields, is_new);
    let mut extras = Extras::default();
    let root = &mut draft.rule.condition;
    match operation.split_once(':').unwrap_or((&operation, "")) {
        ("add", path) => tree::add(root, path),
        ("remove", path) => tree::remove(root, path),
        ("up", path) => tree::shift(root, path, true),
        ("down", path) => tree::shift(root, path, false),
        ("refresh", _) => {}
        ("preview", name) => extras.preview = Some(previewed(member, &draft.form, name)),
        ("try", _) => extras.trial = Some(tried(member, &draft)),
        ("backtest", _) => extras.backtest = Some(back(member, &draft, false).await?),
        ("backtest-more", _) => extras.backtest = Some(back(member, &draft, true).await?),
        _ => return save_rule(member, draft).await,
    }
    Ok(shown(member, quiet(draft), extras, StatusCode::OK))
}

fn tried(member: &Member, draft: &Draft) -> TrialView {
    let visitor = &member.visitor;
    let hours = &member.tenant.settings.hours;
    let now = visitor.app.clock.now();
    let fields = &draft.form.fields;
    trial::run(fields, &[switched_on(draft)], hours, now, visitor.lang)
}

/// The draft on the recorded past: alone, or in its place among the others.
async fn back(member: &Member, draft: &Draft, goes_on: bool) -> Result<BacktestView, PageError> {
    let mine = switched_on(draft);
    let fields = &draft.form.fields;
    let rules = if fields.get("bt_scope") == "list" {
        let mut rules = member.store.rules().book().await?.rules();
        match rules.iter_mut().find(|rule| rule.id == mine.id) {
            Some(old) => *old = mine,
            None => rules.push(mine),
        }
        rules
    } else {
        vec![mine]
    };
    backtest::look(member, fields, rules, goes_on, true).await
}

fn switched_on(draft: &Draft) -> Rule {
    Rule {
        enabled: true,
        ..draft.rule.clone()
    }
}

fn previewed(member: &Member, form: &Form, name: &str) -> Preview {
    let typed = form.v(if name == "answer" { "answer" } else { "notice" });
    let text = match typed {
        "" if name != "answer" => &member.tenant.settings.policy.texts.requested,
        typed => typed,
    };
    preview::preview(member, text, "", Content::text)
}

/// Without complaints: the member is still working on it.
fn quiet(draft: Draft) -> Draft {
    Draft {
        form: Form::from(draft.form.fields),
        wrong: vec![],
        ..draft
    }
}

async fn save_rule(member: &Member, mut draft: Draft) -> Page {
    let visitor = &member.visitor;
    let l = visitor.lang;
    let compiled = CompiledRules::compile(vec![draft.rule.clone()]);
    let problem = compiled
        .err()
        .map(|error| l.with("rule-does-not-compile", "why", error.kind.text(l.0)));
    if !draft.wrong.is_empty() || !draft.form.is_fine() || problem.is_some() {
        let extras = Extras {
            problem: Some(problem.unwrap_or_else(|| l.t("wrong-look-below"))),
            ..Extras::default()
        };
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(shown(member, draft, extras, status));
    }
    match conflict::save(member, &draft.rule, draft.base).await? {
        Saved::Done => {
            visitor.say("ok", l.with("rule-saved", "name", &draft.rule.name));
            Ok(visitor.go("/rules"))
        }
        Saved::Conflict(told, version) => {
            // Pressing «save» once more, having read it, saves over it.
            draft.base = Some(version);
            let extras = Extras {
                conflict: Some(told),
                ..Extras::default()
            };
            Ok(shown(member, draft, extras, StatusCode::CONFLICT))
        }
    }
}

fn shown(member: &Member, draft: Draft, extras: Extras, status: StatusCode) -> HttpResponse {
    let l = member.visitor.lang;
    let rule = &draft.rule;
    let chosen = draft.form.v("action").to_owned();
    let actions = ["hand_off", "answer", "tag", "ignore"];
    let fields = &draft.form.fields;
    let page = RuleEditPage {
        title: if draft.is_new {
            l.t("rules-new")
        } else if member.who.role >= Role::Admin {
            l.t("rule-edit")
        } else {
            l.t("rule-look")
        },
        action_url: if draft.is_new {
            "/rules/new".to_owned()
        } else {
            format!("/rules/{}", rule.id)
        },
        channels: channel_choices(member.visitor.lang, |name| {
            rule.channels.iter().any(|k| k.name() == name)
        }),
        actions: actions
            .into_iter()
            .map(|a| Choice::new(a, l.word("action", a), a == chosen))
            .collect(),
        root: node_view(&rule.condition, "c", &draft.wrong, l),
        trial: extras.trial.unwrap_or_else(|| trial::view(fields, l)),
        backtest: extras
            .backtest
            .unwrap_or_else(|| backtest::view(fields, l, true)),
        preview: extras.preview,
        variables: preview::variable_names(&Variable::ALWAYS, l),
        scales: close_policy::scales(&draft.form, l),
        base: draft.base,
        conflict: extras.conflict,
        problem: extras.problem,
        f: draft.form,
        s: Shell::inside(member, Nav::Rules),
    };
    html(status, &page)
}
