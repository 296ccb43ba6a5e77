//! What waits for one writer: a queue for each tenant, served in turn. However much one tenant
//! sends, a message of another waits for at most one of each other tenant's.

use domain::ids::TenantId;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};

/// Waiting things in the order in which they will be taken.
pub(super) struct Turns<T> {
    waiting: HashMap<TenantId, VecDeque<T>>,
    /// The tenants that have something waiting, the next one first; each once.
    next: VecDeque<TenantId>,
    len: usize,
}

impl<T> Turns<T> {
    pub fn new() -> Self {
        Self {
            waiting: HashMap::new(),
            next: VecDeque::new(),
            len: 0,
        }
    }

    /// How many wait in all.
    pub fn len(&self) -> usize {
        self.len
    }

    /// How many of one tenant's wait.
    pub fn of(&self, tenant: TenantId) -> usize {
        self.waiting.get(&tenant).map_or(0, VecDeque::len)
    }

    /// Behind everything else of the same tenant.
    pub fn push(&mut self, tenant: TenantId, thing: T) {
        match self.waiting.entry(tenant) {
            Entry::Occupied(mut queue) => queue.get_mut().push_back(thing),
            Entry::Vacant(place) => {
                place.insert(VecDeque::from([thing]));
                self.next.push_back(tenant);
            }
        }
        self.len += 1;
    }

    /// At most `most`, one of each tenant before a second one of any. What is left of a tenant goes
    /// to the end of the line.
    pub fn take(&mut self, most: usize) -> Vec<T> {
        let mut taken = Vec::with_capacity(most.min(self.len));
        while taken.len() < most
            && let Some(tenant) = self.next.pop_front()
        {
            let Some(queue) = self.waiting.get_mut(&tenant) else {
                continue;
            };
            taken.extend(queue.pop_front());
            if queue.is_empty() {
                self.waiting.remove(&tenant);
            } else {
                self.next.push_back(tenant);
            }
        }
        self.len -= taken.len();
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::Turns;
    use domain::ids::TenantId;
    use proptest::prelude::*;
    use std::collections::HashMap;
    use uuid::Uuid;

    fn tenant(n: u128) -> TenantId {
        TenantId(Uuid::from_u128(n))
    }

    #[test]
    fn a_flood_of_one_tenant_holds_back_nobody_else() {
        let mut turns = Turns::new();
        for n in 0..1_000 {
            turns.push(tenant(1), (1, n));
        }
        turns.push(tenant(2), (2, 0));
        turns.push(tenant(3), (3, 0));
        assert_eq!(turns.take(4), [(1, 0), (2, 0), (3, 0), (1, 1)]);
        assert_eq!((turns.len(), turns.of(tenant(1))), (998, 998));
        turns.push(tenant(2), (2, 1));
        assert_eq!(turns.take(2), [(1, 2), (2, 1)]);
    }

    proptest! {
        #[test]
        fn everything_is_taken_once_and_in_its_tenants_order(
            pushed in prop::collection::vec((0..5_u128, 1..6_usize), 0..200),
            most in 1..20_usize,
        ) {
            let mut turns = Turns::new();
            let mut taken = Vec::new();
            for (n, (who, takes)) in pushed.iter().enumerate() {
                turns.push(tenant(*who), (*who, n));
                if takes % 3 == 0 {
                    taken.extend(turns.take(*takes));
                }
            }
            loop {
                let some = turns.take(most);
                prop_assert!(some.len() <= most);
                if some.is_empty() {
                    break;
                }
                taken.extend(some);
            }
            prop_assert_eq!(turns.len(), 0);
            let mut last: HashMap<u128, usize> = HashMap::new();
            for (who, n) in &taken {
                if let Some(before) = last.insert(*who, *n) {
                    prop_assert!(before < *n);
                }
            }
            let mut all: Vec<usize> = taken.iter().map(|(_, n)| *n).collect();
            all.sort_unstable();
            prop_assert_eq!(all, (0..pushed.len()).collect::<Vec<_>>());
        }
    }
}
