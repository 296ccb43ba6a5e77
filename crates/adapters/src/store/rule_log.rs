//! The lines that a change of the rules leaves in the tenant's log.

use super::{Change, Object, Recorded};
use domain::audit::{Action, ObjectKind};
use domain::ids::RuleId;
use domain::routing::Rule;

/// One line for each rule that is new, changed or gone, and one when those that stay changed
/// places.
pub(super) fn lines(before: &[Rule], after: &[Rule]) -> Vec<Change> {
    let find = |rules: &'_ [Rule], id: RuleId| rules.iter().position(|r| r.id == id);
    let gone = before.iter().filter(|b| find(after, b.id).is_none());
    let mut lines: Vec<Change> = gone
        .map(|rule| {
            let object = Object::of(ObjectKind::Rule, rule.id, &rule.name);
            Change::of(Action::RuleRemoved, object).was(Recorded::of(rule))
        })
        .collect();
    for rule in after {
        let was = find(before, rule.id).and_then(|at| before.get(at));
        if was != Some(rule) {
            lines.push(saved(was, rule));
        }
    }
    let (was, became) = (stayed(before, after), stayed(after, before));
    if was != became {
        let names = |ids: &[RuleId]| -> Vec<String> {
            let name = |id: &RuleId| after.iter().find(|r| r.id == *id);
            ids.iter()
                .filter_map(name)
                .map(|r| r.name.clone())
                .collect()
        };
        lines.push(
            Change::of(Action::RulesReordered, Object::only(ObjectKind::Rule))
                .was(Recorded::of(&names(&was)))
                .became(Recorded::of(&names(&became))),
        );
    }
    lines
}

/// The rules of `these` that are among `those` too, in their order.
fn stayed(these: &[Rule], those: &[Rule]) -> Vec<RuleId> {
    let both = these.iter().filter(|a| those.iter().any(|b| a.id == b.id));
    both.map(|rule| rule.id).collect()
}

fn saved(was: Option<&Rule>, rule: &Rule) -> Change {
    let object = Object::of(ObjectKind::Rule, rule.id, &rule.name);
    let Some(was) = was else {
        return Change::of(Action::RuleCreated, object).became(Recorded::of(rule));
    };
    let switched = Rule {
        enabled: rule.enabled,
        ..was.clone()
    };
    let action = match rule.enabled {
        _ if switched != *rule => Action::RuleUpdated,
        true => Action::RuleEnabled,
        false => Action::RuleDisabled,
    };
    Change::of(action, object)
        .was(Recorded::of(was))
        .became(Recorded::of(rule))
}
