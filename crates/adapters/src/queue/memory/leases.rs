//! Exclusive ownership inside one process.

use domain::ports::Lease;
use domain::time::Timestamp;
use std::collections::HashMap;
use std::time::Duration;

struct Held {
    owner: String,
    fence: i64,
    until: Timestamp,
}

/// Who owns what until when.
#[derive(Default)]
pub(super) struct Leases {
    held: HashMap<String, Held>,
    last_fence: i64,
}

impl Leases {
    /// Owns `name` newly or longer; `None` while somebody else does.
    pub(super) fn take(
        &mut self,
        name: &str,
        owner: &str,
        ttl: Duration,
        now: Timestamp,
    ) -> Option<Lease> {
        let until = now.after(ttl);
        let fence = match self.held.get_mut(name) {
            Some(held) if held.until > now && held.owner != owner => return None,
            Some(held) if held.until > now => {
                held.until = until;
                held.fence
            }
            _ => {
                // Never below the time of day: a fence stored in the database before a restart
                // of this process must not be above the ones given after it.
                self.last_fence = now.0.max(self.last_fence.saturating_add(1));
                self.held.insert(
                    name.to_owned(),
                    Held {
                        owner: owner.to_owned(),
                        fence: self.last_fence,
                        until,
                    },
                );
                self.last_fence
            }
        };
        Some(Lease {
            name: name.to_owned(),
            owner: owner.to_owned(),
            fence,
        })
    }

    /// Gives back what is still owned under this fence.
    pub(super) fn give_back(&mut self, lease: &Lease) {
        if self
            .held
            .get(&lease.name)
            .is_some_and(|held| held.fence == lease.fence && held.owner == lease.owner)
        {
            self.held.remove(&lease.name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fence_is_never_below_the_time_of_day() {
        let mut leases = Leases::default();
        let now = Timestamp(1_000_000);
        let ttl = Duration::from_millis(10);
        let first = leases.take("x", "a", ttl, now).unwrap();
        assert_eq!(first.fence, 1_000_000);
        let second = leases.take("x", "b", ttl, Timestamp(1_000_010)).unwrap();
        assert!(second.fence > first.fence);
    }
}
