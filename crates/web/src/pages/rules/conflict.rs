//! Saving a rule that somebody else may have saved meanwhile.

use super::post::by;
use super::say;
use super::view::Conflict;
use crate::extract::Member;
use crate::pages::error::PageError;
use adapters::store::{Changed, RuleVersionHead, StoreError};
use domain::routing::{Rule, changes};

/// How a save went.
pub(super) enum Saved {
    /// It is stored.
    Done,
    /// The same rule was changed since the editor was opened; the version to save over it.
    Conflict(Conflict, i64),
}

/// Stores a rule that was opened at version `base`. What others did to other rules meanwhile
/// stays; what they did to this one is told first.
pub(super) async fn save(
    member: &Member,
    rule: &Rule,
    base: Option<i64>,
) -> Result<Saved, PageError> {
    let rules = member.store.rules();
    for _ in 0..3 {
        let book = rules.book().await?;
        let current: Vec<Rule> = book.rules();
        let mine = |list: &[Rule]| list.iter().find(|r| r.id == rule.id).cloned();
        if let Some(base) = base.filter(|base| *base != book.version) {
            let opened = match rules.version_at(base).await {
                Ok(version) => version.rules,
                // Nothing was recorded then: there was nothing to lose.
                Err(StoreError::NotFound) => current.clone(),
                Err(error) => return Err(error.into()),
            };
            let (before, now) = (mine(&opened), mine(&current));
            if before != now {
                let heads = rules.versions(None, 20).await?;
                let since = heads.into_iter().filter(|head| head.number > base);
                let conflict = told(member, before, now, since.collect());
                return Ok(Saved::Conflict(conflict, book.version));
            }
        }
        let changed = Changed {
            expected: Some(book.version),
            ..by(member)
        };
        let put = |list: &mut Vec<Rule>| {
            match list.iter_mut().find(|r| r.id == rule.id) {
                Some(old) => *old = rule.clone(),
                None => list.push(rule.clone()),
            }
            Ok(())
        };
        match rules.change(changed, put).await {
            Ok(_) => return Ok(Saved::Done),
            Err(StoreError::Stale) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(PageError::Unavailable("the rules keep changing".to_owned()))
}

fn told(
    member: &Member,
    before: Option<Rule>,
    now: Option<Rule>,
    since: Vec<RuleVersionHead>,
) -> Conflict {
    let l = member.visitor.lang;
    let id = before.as_ref().or(now.as_ref()).map(|rule| rule.id);
    let last = since
        .iter()
        .find(|head| head.changes.iter().any(|c| Some(c.rule) == id))
        .or(since.first());
    let at = last.map_or_else(|| member.visitor.app.clock.now(), |head| head.at);
    let who = last.map(|head| head.by.clone()).filter(|by| !by.is_empty());
    let list = |rule: &Option<Rule>| rule.clone().into_iter().collect::<Vec<_>>();
    Conflict {
        who: who.unwrap_or_else(|| "Relevo".to_owned()),
        when: member.dates().short(at),
        changes: changes(&list(&before), &list(&now))
            .iter()
            .map(|change| say::change(change, l))
            .collect(),
        gone: now.is_none(),
        theirs: now
            .map(|rule| vec![say::whole(&rule.condition, l), say::deed(&rule.action, l)])
            .unwrap_or_default(),
    }
}
