//! Switches, moves, deletes and tries rules.

use super::get::{page, rule};
use super::trial;
use crate::extract::{Manager, Member, Posted};
use crate::pages::Page;
use crate::pages::error::PageError;
use actix_web::HttpResponse;
use actix_web::web::Path;
use adapters::store::{Changed, StoreError};
use domain::ids::RuleId;
use domain::routing::Rule;
use uuid::Uuid;

/// The member as the one who changes the rules.
pub(super) fn by(member: &Member) -> Changed<'_> {
    Changed {
        by: Some((member.who.id, &member.who.name)),
        ..Changed::default()
    }
}

/// Switches a rule on or off, as the form says: pressed twice, it stays.
pub(super) async fn toggle(Manager(member): Manager, id: Path<Uuid>, form: Posted) -> Page {
    let wanted = match form.0.get("to") {
        "on" => Some(true),
        "off" => Some(false),
        _ => None,
    };
    let switch = |rules: &mut Vec<Rule>| {
        let mut found = rules.iter_mut().filter(|r| r.id.0 == *id);
        let rule = found.next().ok_or(StoreError::NotFound)?;
        rule.enabled = wanted.unwrap_or(!rule.enabled);
        Ok(())
    };
    member.store.rules().change(by(&member), switch).await?;
    Ok(back(&member, *id))
}

/// Moves a rule one place up or down.
pub(super) async fn shift(Manager(member): Manager, id: Path<Uuid>, form: Posted) -> Page {
    let up = form.0.get("to") == "up";
    let swap = |rules: &mut Vec<Rule>| {
        let found = rules.iter().position(|r| r.id.0 == *id);
        let at = found.ok_or(StoreError::NotFound)?;
        let to = if up { at.checked_sub(1) } else { Some(at + 1) };
        if let Some(to) = to.filter(|to| *to < rules.len()) {
            rules.swap(at, to);
        }
        Ok(())
    };
    member.store.rules().change(by(&member), swap).await?;
    Ok(back(&member, *id))
}

/// Puts the rules in the order in which they were dragged.
pub(super) async fn order(Manager(member): Manager, form: Posted) -> Page {
    let order: Vec<Uuid> = form.0.all("rule").filter_map(|r| r.parse().ok()).collect();
    let sort = |rules: &mut Vec<Rule>| {
        let place = |rule: &Rule| order.iter().position(|o| *o == rule.id.0);
        rules.sort_by_key(|rule| place(rule).unwrap_or(usize::MAX));
        Ok(())
    };
    let changed = Changed {
        expected: form.0.get("version").parse().ok(),
        ..by(&member)
    };
    match member.store.rules().change(changed, sort).await {
        Ok(_) => {}
        Err(StoreError::Stale) => {
            let visitor = &member.visitor;
            visitor.say("danger", visitor.lang.t("rules-order-stale"));
        }
        Err(error) => return Err(PageError::from(error)),
    }
    Ok(member.visitor.go("/rules"))
}

pub(super) async fn delete(Manager(member): Manager, id: Path<Uuid>, _form: Posted) -> Page {
    let rule = rule(&member, *id).await?;
    let take = |rules: &mut Vec<Rule>| {
        rules.retain(|r| r.id != rule.id);
        Ok(())
    };
    member.store.rules().change(by(&member), take).await?;
    let visitor = &member.visitor;
    visitor.say("ok", visitor.lang.with("rule-deleted", "name", &rule.name));
    Ok(visitor.go("/rules"))
}

/// Tries the stored rules on a typed message.
pub(super) async fn try_out(member: Member, form: Posted) -> Page {
    let book = member.store.rules().book().await?;
    let visitor = &member.visitor;
    let now = visitor.app.clock.now();
    let hours = &member.tenant.settings.hours;
    let trial = trial::run(&form.0, &book.rules(), hours, now, visitor.lang);
    page(&member, book, trial).await
}

fn back(member: &Member, id: Uuid) -> HttpResponse {
    member.visitor.go(&format!("/rules#rule-{}", RuleId(id)))
}
