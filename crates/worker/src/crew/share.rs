//! Who holds which tenant: the same answer in every worker that sees the same list.
//!
//! Each worker draws a number for each tenant, the highest holds it (rendezvous hashing). So a
//! worker that leaves changes only its own tenants' hands, spread over all others, and one that
//! joins takes an equal part from each.

use domain::ids::TenantId;
use domain::ports::{Crew, Duty};

/// The name of the worker that holds a tenant; none while nobody takes tenants.
pub(super) fn holder(crew: &Crew, tenant: TenantId) -> Option<&str> {
    crew.members
        .iter()
        .filter(|member| member.duty == Duty::Working)
        .map(|member| (draw(&member.name, tenant), member.name.as_str()))
        .max()
        .map(|(_, name)| name)
}

/// FNV-1a over name and tenant, then the SplitMix64 mixing steps. Part of what two versions of
/// this program that run side by side must agree on.
fn draw(name: &str, tenant: TenantId) -> u64 {
    let mut z = 0xcbf2_9ce4_8422_2325_u64;
    for byte in name.bytes().chain(tenant.0.into_bytes()) {
        z = (z ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ports::CrewMember;
    use proptest::prelude::*;
    use std::collections::HashMap;
    use uuid::Uuid;

    fn crew(names: impl IntoIterator<Item = u32>) -> Crew {
        let members = names.into_iter().map(|n| CrewMember {
            name: format!("worker-{n}"),
            joined: 1,
            duty: Duty::Working,
        });
        Crew {
            epoch: 1,
            settled: true,
            members: members.collect(),
        }
    }

    fn tenants(seed: u64) -> Vec<TenantId> {
        let id = |n: u128| TenantId(Uuid::from_u128((u128::from(seed) << 64) + n));
        (0..2000).map(id).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn everybody_gets_about_the_same(seed: u64, first in 0_u32..1000, count in 1_u32..9) {
            let crew = crew(first..first + count);
            let mut shares: HashMap<&str, usize> = HashMap::new();
            for tenant in tenants(seed) {
                *shares.entry(holder(&crew, tenant).unwrap()).or_default() += 1;
            }
            let fair = 2000.0 / f64::from(count);
            for member in &crew.members {
                let share = shares[member.name.as_str()] as f64;
                prop_assert!((share - fair).abs() < 6.0 * fair.sqrt(), "{shares:?}");
            }
        }

        #[test]
        fn whoever_leaves_changes_only_the_hands_of_its_own(seed: u64, count in 2_u32..9, gone in 0_u32..9) {
            let gone = gone % count;
            let (before, after) = (crew(0..count), crew((0..count).filter(|n| *n != gone)));
            let left = format!("worker-{gone}");
            for tenant in tenants(seed) {
                let (was, is) = (holder(&before, tenant).unwrap(), holder(&after, tenant).unwrap());
                prop_assert!(was == is || was == left);
            }
        }

        #[test]
        fn the_order_of_the_list_does_not_matter(seed: u64, count in 1_u32..9) {
            let there = crew(0..count);
            let mut back = there.clone();
            back.members.reverse();
            for tenant in tenants(seed) {
                prop_assert_eq!(holder(&there, tenant), holder(&back, tenant));
            }
        }
    }

    #[test]
    fn a_draining_worker_holds_nothing() {
        let mut crew = crew(0..1);
        let tenant = TenantId(Uuid::from_u128(1));
        assert_eq!(holder(&crew, tenant), Some("worker-0"));
        crew.members[0].duty = Duty::Draining;
        assert_eq!(holder(&crew, tenant), None);
    }
}
