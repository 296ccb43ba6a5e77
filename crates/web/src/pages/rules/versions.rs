//! The versions of the list: what changed, by whom, and back to one of them.

use super::post::by;
use super::say;
use super::view::{ComparedRule, Says, VersionItem, VersionPage, VersionsPage};
use crate::extract::{Fields, Manager, Member, Posted};
use crate::i18n::{Dates, Lang};
use crate::pages::parts::Choice;
use crate::pages::shell::{Nav, Shell};
use crate::pages::{Page, html};
use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use adapters::store::{Changed, RuleVersionHead, StoreError};
use domain::routing::{Rule, changes};

const PAGE: u64 = 30;

pub(super) async fn list(member: Member, request: HttpRequest) -> Page {
    let query = Fields::parse(request.query_string().as_bytes());
    let before = query.get("before").parse().ok();
    let rules = member.store.rules();
    let mut heads = rules.versions(before, PAGE + 1).await?;
    let more = heads.len() > usize::try_from(PAGE).unwrap_or(usize::MAX);
    heads.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
    let older = heads.last().filter(|_| more);
    let current = rules.versions(None, 1).await?;
    let current = current.first().map_or(0, |head| head.number);
    let (l, dates) = (member.visitor.lang, member.dates());
    let page = VersionsPage {
        older: older.map(|head| format!("/rules/versions?before={}", head.number)),
        versions: heads
            .iter()
            .map(|head| item(head, current, &dates, l))
            .collect(),
        s: Shell::inside(&member, Nav::Rules),
    };
    Ok(html(StatusCode::OK, &page))
}

/// One version, beside the one before it or the one asked for.
pub(super) async fn show(member: Member, number: Path<i64>, request: HttpRequest) -> Page {
    let query = Fields::parse(request.query_string().as_bytes());
    let rules = member.store.rules();
    let version = rules.version_at(*number).await?;
    let heads = rules.versions(None, 100).await?;
    let current = heads.first().map_or(0, |head| head.number);
    let with: i64 = query.get("with").parse().unwrap_or(*number - 1);
    let other = match rules.version_at(with).await {
        Ok(other) => other.rules,
        Err(StoreError::NotFound) => vec![],
        Err(error) => return Err(error.into()),
    };
    let (l, dates) = (member.visitor.lang, member.dates());
    let others = heads.iter().filter(|head| head.number != *number);
    let page = VersionPage {
        others: others
            .map(|head| {
                let number = head.number.to_string();
                let when = dates.short(head.at).text;
                let label = l.filled("version-choice", &[("number", &number), ("when", &when)]);
                Choice::new(number, label, head.number == with)
            })
            .collect(),
        compared: if with < 1 {
            String::new()
        } else {
            l.with("version-compared", "number", with.to_string())
        },
        // Beside the version before it they are what the version itself tells, above.
        changes: if with == *number - 1 {
            vec![]
        } else {
            let changes = changes(&other, &version.rules);
            changes.iter().map(|c| say::change(c, l)).collect()
        },
        rules: compared(&other, &version.rules, l),
        version: item(&version.head, current, &dates, l),
        s: Shell::inside(&member, Nav::Rules),
    };
    Ok(html(StatusCode::OK, &page))
}

/// Makes the rules of an older version the rules again, as a new version.
pub(super) async fn restore(Manager(member): Manager, number: Path<i64>, _form: Posted) -> Page {
    let rules = member.store.rules();
    let version = rules.version_at(*number).await?;
    let changed = Changed {
        restored: Some(*number),
        ..by(&member)
    };
    let replace = |list: &mut Vec<Rule>| {
        *list = version.rules;
        Ok(())
    };
    rules.change(changed, replace).await?;
    let visitor = &member.visitor;
    let number = number.to_string();
    visitor.say(
        "ok",
        visitor.lang.with("version-restored", "number", number),
    );
    Ok(visitor.go("/rules"))
}

fn item(head: &RuleVersionHead, current: i64, dates: &Dates, l: Lang) -> VersionItem {
    let mut told: Vec<String> = Vec::new();
    if let Some(restored) = head.restored {
        told.push(l.with("change-restored", "number", restored.to_string()));
    }
    told.extend(head.changes.iter().map(|change| say::change(change, l)));
    if head.number == 0 {
        told.push(l.t("change-first"));
    }
    VersionItem {
        number: head.number,
        when: dates.short(head.at),
        who: if head.by.is_empty() {
            "Relevo".to_owned()
        } else {
            head.by.clone()
        },
        changes: told,
        current: head.number == current,
    }
}

/// The rules of a version, each beside what it was; those that are gone at the end.
fn compared(before: &[Rule], after: &[Rule], l: Lang) -> Vec<ComparedRule> {
    let mut list: Vec<ComparedRule> = after
        .iter()
        .map(|rule| {
            let old = before.iter().find(|b| b.id == rule.id);
            let changed = old.filter(|old| *old != rule);
            ComparedRule {
                now: Some(Says::of(rule, l)),
                before: changed.map(|old| Says::of(old, l)),
                mark: match (old, changed) {
                    (None, _) => "added",
                    (Some(_), Some(_)) => "changed",
                    (Some(_), None) => "",
                },
            }
        })
        .collect();
    let gone = before.iter().filter(|b| after.iter().all(|a| a.id != b.id));
    list.extend(gone.map(|old| ComparedRule {
        now: None,
        before: Some(Says::of(old, l)),
        mark: "removed",
    }));
    list
}
