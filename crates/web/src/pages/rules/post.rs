//! Switches, moves, deletes and tries rules.

use super::get::{page, rule};
use super::trial;
use crate::extract::{Manager, Member, Posted};
use crate::pages::Page;
use actix_web::web::Path;
use domain::ids::RuleId;
use domain::routing::Rule;
use uuid::Uuid;

pub(super) async fn toggle(Manager(member): Manager, id: Path<Uuid>, _form: Posted) -> Page {
    let mut rule = rule(&member, *id).await?;
    rule.enabled = !rule.enabled;
    member.store.rules().save(&rule).await?;
    Ok(member.visitor.go("/rules"))
}

/// Moves a rule one place up or down.
pub(super) async fn shift(Manager(member): Manager, id: Path<Uuid>, form: Posted) -> Page {
    let rows = member.store.rules().list().await?;
    let mut order: Vec<RuleId> = rows.iter().map(|row| row.rule.id).collect();
    let from = order.iter().position(|rule| rule.0 == *id);
    let to = from.and_then(|at| match form.0.get("to") {
        "up" => at.checked_sub(1),
        _ => Some(at + 1).filter(|to| *to < order.len()),
    });
    if let (Some(from), Some(to)) = (from, to) {
        order.swap(from, to);
        member.store.rules().reorder(&order).await?;
    }
    Ok(member.visitor.go("/rules"))
}

pub(super) async fn delete(Manager(member): Manager, id: Path<Uuid>, _form: Posted) -> Page {
    let rule = rule(&member, *id).await?;
    member.store.rules().remove(rule.id).await?;
    let visitor = &member.visitor;
    visitor.say("ok", visitor.lang.with("rule-deleted", "name", &rule.name));
    Ok(visitor.go("/rules"))
}

/// Tries the stored rules on a typed message.
pub(super) async fn try_out(member: Member, form: Posted) -> Page {
    let rows = member.store.rules().list().await?;
    let rules: Vec<Rule> = rows.into_iter().map(|row| row.rule).collect();
    let visitor = &member.visitor;
    let now = visitor.app.clock.now();
    let hours = &member.tenant.settings.hours;
    let trial = trial::run(&form.0, &rules, hours, now, visitor.lang);
    page(&member, trial).await
}
