//! Memory for the bodies of requests: so much in all, and of it so much for one tenant, so that
//! neither a flood nor one tenant's part in it takes the process down or shuts the others out.

use domain::ids::TenantId;
use moka::sync::Cache;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// In all, in KiB.
const ALL: usize = 256 * 1024;
/// One tenant's, in KiB: two of the largest files that a bot may send.
const SHARE: usize = 128 * 1024;
/// A tenant that sent nothing for so long is forgotten.
const FORGET: Duration = Duration::from_secs(300);

/// The room that there is.
pub struct Room {
    all: Arc<Semaphore>,
    shares: Cache<TenantId, Arc<Semaphore>>,
    share: usize,
}

impl Default for Room {
    fn default() -> Self {
        Self::with(ALL, SHARE)
    }
}

impl Room {
    /// `all` and `share` in KiB.
    fn with(all: usize, share: usize) -> Self {
        Self {
            all: Arc::new(Semaphore::new(all)),
            shares: Cache::builder().time_to_idle(FORGET).build(),
            share,
        }
    }

    /// A tenant's part of it.
    #[must_use]
    pub fn of(&self, tenant: TenantId) -> Share {
        let fresh = || Arc::new(Semaphore::new(self.share));
        Share {
            all: self.all.clone(),
            mine: self.shares.get_with(tenant, fresh),
        }
    }
}

/// A tenant's part of the room.
pub struct Share {
    all: Arc<Semaphore>,
    mine: Arc<Semaphore>,
}

impl Share {
    /// Takes `more` KiB, added to what is held already; `false` if there is no room now.
    pub fn take(&self, more: u32, held: &mut Option<Held>) -> bool {
        let Ok(mine) = self.mine.clone().try_acquire_many_owned(more) else {
            return false;
        };
        let Ok(all) = self.all.clone().try_acquire_many_owned(more) else {
            return false;
        };
        match held {
            Some(held) => {
                held.mine.merge(mine);
                held.all.merge(all);
            }
            None => *held = Some(Held { mine, all }),
        }
        true
    }
}

/// Room that is taken until this is dropped.
pub struct Held {
    mine: OwnedSemaphorePermit,
    all: OwnedSemaphorePermit,
}

#[cfg(test)]
mod tests {
    use super::Room;
    use domain::ids::TenantId;
    use uuid::Uuid;

    #[test]
    fn one_tenant_leaves_room_for_others_and_gives_back_what_it_took() {
        let room = Room::with(10, 6);
        let [one, two] = [1, 2].map(|n| room.of(TenantId(Uuid::from_u128(n))));
        let (mut first, mut more, mut second) = (None, None, None);
        assert!(one.take(4, &mut first) && one.take(2, &mut first));
        assert!(!one.take(1, &mut more), "its share is used up");
        assert!(two.take(4, &mut second));
        assert!(!two.take(1, &mut second), "all of it is used up");
        drop(first);
        assert!(two.take(2, &mut second), "given back");
        let again = room.of(TenantId(Uuid::from_u128(1)));
        assert!(again.take(4, &mut more), "the same share under its name");
        assert!(!one.take(1, &mut None), "nothing left in all");
    }
}
