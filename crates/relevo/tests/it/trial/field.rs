//! What a harm may reach for while everybody talks.

use super::dice::Dice;
use super::site::Site;
use super::talk::Talks;
use crate::wait::within;
use sandbox::fault::{Action, FaultRule, FaultService};
use std::collections::BTreeMap;
use std::future::Future;
use std::ops::Range;
use std::time::Duration;

/// The place of a trial.
pub struct Field {
    pub site: Site,
    pub dice: Dice,
    pub talks: Talks,
    /// How much longer than in the short form things last.
    pub factor: u32,
}

/// Longest wait for a point of the talk.
const LONG: Duration = Duration::from_secs(240);

impl Field {
    /// Until this share of all words is said.
    #[track_caller]
    pub fn said(&self, share: f64) -> impl Future<Output = ()> {
        let wanted = (self.talks.total() as f64 * share) as usize;
        let talks = self.talks.clone();
        let look = move || (talks.said() >= wanted).then_some(());
        let now = self.talks.clone();
        within(LONG, format!("{wanted} words"), look, move || {
            now.said().to_string()
        })
    }

    /// Waits for so many milliseconds, longer in the long form.
    pub async fn last(&self, ms: Range<u64>) {
        let factor = u64::from(self.factor);
        self.dice.wait(ms.start * factor..ms.end * factor).await;
    }

    /// Adds a fault to the simulators' plan.
    pub fn fault(&self, rule: FaultRule) -> u64 {
        self.site.sandbox.core.faults.add(rule)
    }

    /// Whether a fault has struck at least so often.
    #[track_caller]
    pub fn struck(&self, rule: u64, times: u64) -> impl Future<Output = ()> {
        let faults = self.site.sandbox.core.faults.clone();
        let again = faults.clone();
        let look = move || (faults.hits(rule) >= times).then_some(());
        within(LONG, format!("{times} strikes"), look, move || {
            again.hits(rule).to_string()
        })
    }

    /// Cuts short what Relevo waits for in minutes; in the long form it is waited for.
    pub async fn hurry(&self) {
        if self.factor == 1 {
            let now =
                "update outbox set next_at = 1 where state = 'pending' and claimed_until is null";
            self.site.sql(now).await;
        }
    }

    /// Ends all faults of the simulators.
    pub fn mend(&self) {
        self.site.sandbox.core.faults.clear();
    }
}

/// An answer instead of the real one.
pub fn answers(status: u16) -> Action {
    answers_with(status, &[], "")
}

/// [`answers`] with headers and a body.
pub fn answers_with(status: u16, headers: &[(&str, &str)], body: &str) -> Action {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Action::Status {
        status,
        headers: headers.iter().map(own).collect::<BTreeMap<_, _>>(),
        body: body.to_owned(),
        pad_to: 0,
        after: false,
    }
}

/// Messages posted to Let's Talk.
pub fn desk_messages(action: Action) -> FaultRule {
    FaultRule::new(FaultService::LetsTalk, action)
        .method("POST")
        .path("/messages")
}
