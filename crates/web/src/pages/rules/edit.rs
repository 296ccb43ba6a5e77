//! The rule editor. Every change of its shape is a submit, so that it works without scripts.

use super::get::rule;
use super::tree::{self, Wrong};
use super::view::{RuleEditPage, TrialView, channel_choices};
use super::{action_fields, node_view, read_action, trial};
use crate::extract::{Fields, Form, Manager, Member, Posted};
use crate::pages::parts::Choice;
use crate::pages::settings::close_policy;
use crate::pages::shell::{Nav, Shell};
use crate::pages::{Page, html};
use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use domain::channel::ChannelKind;
use domain::handoff::{ClosePolicy, HandoffOptions};
use domain::ids::RuleId;
use domain::routing::{Action, CompiledRules, Condition, Rule};
use uuid::Uuid;

/// A rule in the editor, with what is wrong with it.
struct Draft {
    rule: Rule,
    form: Form,
    wrong: Vec<Wrong>,
    is_new: bool,
}

pub(super) async fn new(request: HttpRequest, Manager(member): Manager) -> Page {
    let query = Fields::parse(request.query_string().as_bytes());
    let l = member.visitor.lang;
    let person = query.get("preset") == "person";
    let words = if person {
        l.t("preset-person-words")
    } else {
        String::new()
    };
    let rule = Rule {
        id: RuleId(member.visitor.app.ids.next()),
        name: if person {
            l.t("preset-person-name")
        } else {
            String::new()
        },
        enabled: true,
        channels: vec![],
        condition: Condition::Any {
            of: vec![Condition::Keywords {
                words: words.split(';').map(|w| w.trim().to_owned()).collect(),
            }],
        },
        action: Action::HandOff {
            options: HandoffOptions::default(),
            close: None,
        },
    };
    Ok(shown(
        &member,
        loaded(rule, true),
        None,
        StatusCode::OK,
        None,
    ))
}

pub(super) async fn show(member: Member, id: Path<Uuid>) -> Page {
    let rule = rule(&member, *id).await?;
    Ok(shown(
        &member,
        loaded(rule, false),
        None,
        StatusCode::OK,
        None,
    ))
}

pub(super) async fn create(Manager(member): Manager, form: Posted) -> Page {
    let id = RuleId(member.visitor.app.ids.next());
    work(&member, id, form.0, true).await
}

pub(super) async fn save(Manager(member): Manager, id: Path<Uuid>, form: Posted) -> Page {
    let stored = rule(&member, *id).await?;
    work(&member, stored.id, form.0, false).await
}

/// The editor filled from a stored rule.
fn loaded(rule: Rule, is_new: bool) -> Draft {
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
    let visitor = &member.visitor;
    match operation.split_once(':').unwrap_or((&operation, "")) {
        ("add", path) => tree::add(&mut draft.rule.condition, path),
        ("remove", path) => tree::remove(&mut draft.rule.condition, path),
        ("refresh", _) => {}
        ("try", _) => {
            let hours = &member.tenant.settings.hours;
            let now = visitor.app.clock.now();
            let on = [Rule {
                enabled: true,
                ..draft.rule.clone()
            }];
            let trial = trial::run(&draft.form.fields, &on, hours, now, visitor.lang);
            return Ok(shown(
                member,
                quiet(draft),
                Some(trial),
                StatusCode::OK,
                None,
            ));
        }
        _ => return save_rule(member, draft).await,
    }
    Ok(shown(member, quiet(draft), None, StatusCode::OK, None))
}

/// Without complaints: the member is still working on it.
fn quiet(draft: Draft) -> Draft {
    Draft {
        form: Form::from(draft.form.fields),
        wrong: vec![],
        ..draft
    }
}

async fn save_rule(member: &Member, draft: Draft) -> Page {
    let visitor = &member.visitor;
    let compiled = CompiledRules::compile(vec![draft.rule.clone()]);
    let problem = compiled.err().map(|error| {
        visitor
            .lang
            .with("rule-does-not-compile", "why", error.problem)
    });
    if !draft.wrong.is_empty() || !draft.form.is_fine() || problem.is_some() {
        let words = problem.unwrap_or_else(|| visitor.lang.t("wrong-look-below"));
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(shown(member, draft, None, status, Some(words)));
    }
    member.store.rules().save(&draft.rule).await?;
    visitor.say(
        "ok",
        visitor.lang.with("rule-saved", "name", &draft.rule.name),
    );
    Ok(visitor.go("/rules"))
}

fn shown(
    member: &Member,
    draft: Draft,
    trial: Option<TrialView>,
    status: StatusCode,
    problem: Option<String>,
) -> HttpResponse {
    let l = member.visitor.lang;
    let rule = &draft.rule;
    let chosen = draft.form.v("action").to_owned();
    let actions = ["hand_off", "answer", "tag", "ignore"];
    let page = RuleEditPage {
        title: if draft.is_new {
            l.t("rules-new")
        } else {
            l.t("rule-edit")
        },
        action_url: if draft.is_new {
            "/rules/new".to_owned()
        } else {
            format!("/rules/{}", rule.id)
        },
        channels: channel_choices(|name| rule.channels.iter().any(|k| k.name() == name)),
        actions: actions
            .into_iter()
            .map(|a| Choice::new(a, l.word("action", a), a == chosen))
            .collect(),
        root: node_view(&rule.condition, "c", &draft.wrong, l),
        trial: trial.unwrap_or_else(|| trial::view(&draft.form.fields, l)),
        problem,
        f: draft.form,
        s: Shell::inside(member, Nav::Rules),
    };
    html(status, &page)
}
