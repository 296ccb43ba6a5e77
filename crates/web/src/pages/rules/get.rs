//! Shows the list of rules.

use super::presets;
use super::trial;
use super::view::{RuleItem, RulesPage, TrialView};
use crate::extract::{Fields, Manager, Member};
use crate::pages::error::PageError;
use crate::pages::parts::ConfirmPage;
use crate::pages::shell::{Nav, Shell};
use crate::pages::{Page, html};
use actix_web::http::StatusCode;
use actix_web::web::Path;
use adapters::store::RuleBook;
use domain::ids::RuleId;
use domain::routing::Rule;
use uuid::Uuid;

pub(super) async fn list(member: Member) -> Page {
    let trial = trial::view(&Fields::default(), member.visitor.lang);
    let book = member.store.rules().book().await?;
    page(&member, book, trial).await
}

/// The list around a trial.
pub(super) async fn page(member: &Member, book: RuleBook, trial: TrialView) -> Page {
    let l = member.visitor.lang;
    let page = RulesPage {
        version: book.version,
        rules: book.rows.iter().map(|row| RuleItem::of(row, l)).collect(),
        presets: presets::all(l),
        trial,
        s: Shell::inside(member, Nav::Rules),
    };
    Ok(html(StatusCode::OK, &page))
}

/// One rule of this tenant.
pub(super) async fn rule(member: &Member, id: Uuid) -> Result<Rule, PageError> {
    let rows = member.store.rules().list().await?;
    let found = rows.into_iter().find(|row| row.rule.id == RuleId(id));
    found.map(|row| row.rule).ok_or(PageError::NotFound)
}

pub(super) async fn ask_delete(Manager(member): Manager, id: Path<Uuid>) -> Page {
    let rule = rule(&member, *id).await?;
    let l = member.visitor.lang;
    let page = ConfirmPage {
        title: l.with("rule-delete-title", "name", &rule.name),
        lines: vec![l.t("rule-delete-text"), l.t("rule-delete-undo")],
        action: format!("/rules/{}/delete", rule.id),
        button: l.t("rule-delete-button"),
        back: "/rules".to_owned(),
        s: Shell::inside(&member, Nav::Rules),
    };
    Ok(html(StatusCode::OK, &page))
}
