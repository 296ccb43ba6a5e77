//! The lines behind addresses.

use crate::support::{House, new_channel, on_both_databases};
use adapters::accounts::{AccountError, Accounts};
use async_trait::async_trait;
use domain::channel::ChannelKind;
use domain::ids::TenantId;
use domain::ports::{Vault, VaultError};
use domain::secret::{SealContext, Sealed};
use futures::future::join_all;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Whatever is sealed, a line of the REST API comes out.
struct Glass;

#[async_trait]
impl Vault for Glass {
    async fn seal(&self, _: SealContext<'_>, plain: &[u8]) -> Result<Sealed, VaultError> {
        Ok(Sealed(plain.to_vec()))
    }

    async fn open(&self, _: SealContext<'_>, _: &Sealed) -> Result<Vec<u8>, VaultError> {
        Ok(br#"{"kind": "api"}"#.to_vec())
    }

    async fn prepare(&self, _: TenantId) -> Result<(), VaultError> {
        Ok(())
    }
}

on_both_databases! {
    async fn guessing_addresses_takes_few_round_trips_and_keeps_no_new_line_waiting(house) {
        let trips = Arc::new(AtomicUsize::default());
        let counted = trips.clone();
        let store = house.store.clone().telling(move |statement, _| {
            counted.fetch_add(usize::from(statement.contains("public_key")), Ordering::SeqCst);
        });
        let accounts = Accounts::new(store, Arc::new(Glass));
        let company = house.company("uno").await;
        let made_up: Vec<String> = (0..3000).map(|n| format!("made-up-{n:040}")).collect();
        let guesses = made_up.iter().map(|key| accounts.by_key(ChannelKind::Telegram, key));
        let added = async {
            let new = new_channel(ChannelKind::Telegram, "7000000001");
            let line = company.tenant.channels().insert(new).await.unwrap();
            let before = trips.swap(0, Ordering::SeqCst);
            let open = accounts.by_key(ChannelKind::Telegram, &line.public_key).await;
            (line.id, open.unwrap().channel.id, before)
        };
        let (guessed, (line, found, before)) = tokio::join!(join_all(guesses), added);
        assert!(guessed.iter().all(|it| matches!(it, Err(AccountError::Missing))));
        assert_eq!(line, found);
        let trips = before + trips.load(Ordering::SeqCst);
        assert!(trips <= 3000 / 200 + 4, "{trips} round trips");
        // The same key on another platform is nobody's.
        let other = accounts.by_key(ChannelKind::WhatsApp, &made_up[0]).await;
        assert!(matches!(other, Err(AccountError::Missing)));
    }
}
