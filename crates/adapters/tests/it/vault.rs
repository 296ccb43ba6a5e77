//! The vault: what opens, and all that must not.

use adapters::vault::{DataKeys, EnvelopeVault, MasterKeys, MemoryDataKeys, Rewrap};
use domain::ids::TenantId;
use domain::ports::{Vault, VaultError};
use domain::secret::{SealContext, Sealed};
use proptest::prelude::*;
use std::sync::Arc;
use uuid::Uuid;

const OLD: &str = "old:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const NEW: &str = "new:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";

fn tenant(n: u128) -> TenantId {
    Uuid::from_u128(n).into()
}

fn context(n: u128, row: u128, column: &str) -> SealContext<'_> {
    SealContext {
        tenant: tenant(n),
        column,
        row: Uuid::from_u128(row),
    }
}

fn vault(masters: &str, table: &Arc<MemoryDataKeys>) -> EnvelopeVault {
    EnvelopeVault::new(Arc::new(MasterKeys::parse(masters).unwrap()), table.clone())
}

fn block<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(work)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_was_sealed_opens_in_its_place_and_nowhere_else(
        plain in proptest::collection::vec(any::<u8>(), 0..300),
        row in 1..u128::MAX,
        column in "[a-z.]{1,20}",
        other in "[a-z.]{1,20}",
    ) {
        block(async {
            let table = Arc::new(MemoryDataKeys::default());
            let vault = vault(OLD, &table);
            vault.prepare(tenant(2)).await.unwrap();
            let here = context(1, row, &column);
            let sealed = vault.seal(here, &plain).await.unwrap();
            prop_assert_eq!(vault.open(here, &sealed).await.unwrap(), plain.clone());
            for elsewhere in [context(2, row, &column), context(1, row - 1, &column)] {
                prop_assert_eq!(vault.open(elsewhere, &sealed).await, Err(VaultError::Refused));
            }
            if other != column {
                prop_assert_eq!(
                    vault.open(context(1, row, &other), &sealed).await,
                    Err(VaultError::Refused)
                );
            }
            let again = vault.seal(here, &plain).await.unwrap();
            prop_assert_ne!(&again, &sealed, "a nonce was used twice");
            Ok(())
        })?;
    }

    #[test]
    fn a_damaged_value_is_refused(
        plain in proptest::collection::vec(any::<u8>(), 0..40),
        at in any::<prop::sample::Index>(),
        bit in 0_u8..8,
        cut in any::<prop::sample::Index>(),
    ) {
        block(async {
            let table = Arc::new(MemoryDataKeys::default());
            let vault = vault(OLD, &table);
            let here = context(1, 1, "t.c");
            let sealed = vault.seal(here, &plain).await.unwrap();
            let mut flipped = sealed.0.clone();
            flipped[at.index(sealed.0.len())] ^= 1 << bit;
            prop_assert_eq!(vault.open(here, &Sealed(flipped)).await, Err(VaultError::Refused));
            let shorter = sealed.0[..cut.index(sealed.0.len())].to_vec();
            prop_assert_eq!(vault.open(here, &Sealed(shorter)).await, Err(VaultError::Refused));
            Ok(())
        })?;
    }

    #[test]
    fn a_rotated_master_key_opens_everything_that_was_sealed_before(
        plains in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 1..8),
    ) {
        block(async {
            let table = Arc::new(MemoryDataKeys::default());
            let before = vault(OLD, &table);
            let mut sealed = Vec::new();
            for (n, plain) in plains.iter().enumerate() {
                let here = context(n as u128 % 3, n as u128, "t.c");
                sealed.push(before.seal(here, plain).await.unwrap());
            }
            let during = vault(&format!("{NEW},{OLD}"), &table);
            for n in 0..3 {
                let expected = if n < plains.len() { Rewrap::Done } else { Rewrap::NoKey };
                prop_assert_eq!(during.rewrap(tenant(n as u128)).await.unwrap(), expected);
            }
            prop_assert_eq!(during.rewrap(tenant(0)).await.unwrap(), Rewrap::Current);
            let after = vault(NEW, &table);
            for (n, plain) in plains.iter().enumerate() {
                let here = context(n as u128 % 3, n as u128, "t.c");
                prop_assert_eq!(&after.open(here, &sealed[n]).await.unwrap(), plain);
            }
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn a_missing_master_key_is_named() {
    let table = Arc::new(MemoryDataKeys::default());
    let sealed = vault(OLD, &table)
        .seal(context(1, 1, "t.c"), b"x")
        .await
        .unwrap();
    let error = vault(NEW, &table).open(context(1, 1, "t.c"), &sealed).await;
    assert_eq!(error, Err(VaultError::UnknownKey("old".into())));
}

#[tokio::test]
async fn two_processes_that_make_a_tenants_key_at_once_share_the_winners() {
    let table = Arc::new(MemoryDataKeys::default());
    let (one, two) = (vault(OLD, &table), vault(OLD, &table));
    let here = context(1, 1, "t.c");
    let (a, b) = tokio::join!(one.seal(here, b"a"), two.seal(here, b"b"));
    assert_eq!(two.open(here, &a.unwrap()).await.unwrap(), b"a");
    assert_eq!(one.open(here, &b.unwrap()).await.unwrap(), b"b");
}

#[tokio::test]
async fn a_data_key_moved_to_another_tenant_does_not_open() {
    let table = Arc::new(MemoryDataKeys::default());
    let first = vault(OLD, &table);
    first.prepare(tenant(1)).await.unwrap();
    let key = table.load(tenant(1)).await.unwrap().unwrap();
    table.insert_if_absent(tenant(2), key).await.unwrap();
    assert_eq!(first.prepare(tenant(2)).await, Err(VaultError::Refused));
}

#[tokio::test]
async fn a_tenant_without_a_key_opens_nothing() {
    let table = Arc::new(MemoryDataKeys::default());
    let opened = vault(OLD, &table)
        .open(context(1, 1, "t.c"), &Sealed(vec![1; 60]))
        .await;
    assert_eq!(opened, Err(VaultError::Refused));
    assert_eq!(table.load(tenant(1)).await.unwrap(), None);
}
