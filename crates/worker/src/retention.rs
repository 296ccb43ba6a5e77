//! Removing what tenants do not want to keep, and tenants that have left. Everything is done in
//! small batches and can be cut off anywhere: what is left is found again.

use crate::Context;
use crate::crew::Crew;
use adapters::store::{Forgetful, StoreError, instead_of_words};
use domain::ids::{FileId, TenantId};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often it is looked.
const EVERY: Duration = Duration::from_secs(600);
/// Messages or files per batch. One transaction each: whoever stores a message waits for it.
const BATCH: u64 = 200;
/// Between batches, so that live traffic goes first.
const BREATH: Duration = Duration::from_millis(50);

/// Removes old contents and left tenants until cancelled: those of the tenants that this worker
/// holds. When tenants change hands in the middle, two may remove the same, which is gone then.
pub async fn retention(context: Context, crew: Crew, cancel: CancellationToken) {
    tokio::select! {
        () = cancel.cancelled() => return,
        () = crew.joined() => {}
    }
    loop {
        tokio::select! {
            () = cancel.cancelled() => return,
            () = round(&context, &crew) => {}
        }
        tokio::select! {
            () = cancel.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

async fn round(context: &Context, crew: &Crew) {
    // Asked anew for each: the list may have changed while the one before was done.
    let ours = |tenant: TenantId| crew.holds(&crew.watch().borrow().list, tenant);
    match context.store.tenants_with_removed_files().await {
        Ok(all) => {
            for tenant in all.into_iter().filter(|t| ours(*t)) {
                if let Err(error) = remove_files(context, tenant).await {
                    tracing::warn!(%tenant, %error, "removed files could not be listed");
                }
            }
        }
        Err(error) => tracing::warn!(%error, "removed files could not be listed"),
    }
    match context.store.forgetful().await {
        Ok(all) => {
            for one in all.into_iter().filter(|one| ours(one.tenant)) {
                if let Err(error) = sweep(context, one).await {
                    tracing::warn!(tenant = %one.tenant, %error, "old contents are still there");
                }
            }
        }
        Err(error) => tracing::warn!(%error, "retention could not be read"),
    }
    match context.store.leavers().await {
        Ok(all) => {
            for tenant in all.into_iter().filter(|t| ours(*t)) {
                match leave(context, tenant).await {
                    Ok(()) => tracing::info!(%tenant, "a tenant that left is deleted"),
                    Err(error) => tracing::warn!(%tenant, %error, "a tenant that left is not gone"),
                }
            }
        }
        Err(error) => tracing::warn!(%error, "tenants that left could not be read"),
    }
}

/// Removes from the file store what is removed in the database of a tenant.
///
/// # Errors
/// `Unavailable`.
pub async fn remove_files(context: &Context, tenant: TenantId) -> Result<(), StoreError> {
    let store = context.store.tenant(tenant);
    loop {
        let files = store.removed_files(BATCH).await?;
        let full = files.len() as u64 == BATCH;
        let mut gone = 0;
        for file in files {
            gone += u64::from(remove(context, tenant, file).await?);
        }
        // A store that fails would be asked for the same files for ever.
        if !full || gone == 0 {
            return Ok(());
        }
    }
}

/// `false` when the file store failed: it is tried again next time.
async fn remove(context: &Context, tenant: TenantId, file: FileId) -> Result<bool, StoreError> {
    match context.files.remove(tenant, file).await {
        Ok(()) => {
            context.store.tenant(tenant).file_gone(file).await?;
            Ok(true)
        }
        Err(error) => {
            tracing::warn!(%tenant, %file, %error, "a file is still there");
            Ok(false)
        }
    }
}

/// Removes what a tenant no longer keeps.
///
/// # Errors
/// `Unavailable`.
pub async fn sweep(context: &Context, whose: Forgetful) -> Result<(), StoreError> {
    let store = context.store.tenant(whose.tenant);
    let instead = instead_of_words(store.tenant().await?.settings.language);
    loop {
        let done = store.forget(whose, instead, BATCH).await?;
        for file in done.files {
            remove(context, whose.tenant, file).await?;
        }
        metrics::counter!("relevo_messages_forgotten").increment(done.messages);
        if done.messages < BATCH {
            return Ok(());
        }
        tokio::time::sleep(BREATH).await;
    }
}

/// Deletes a tenant: its secrets first, then its files, then every row.
///
/// # Errors
/// `Unavailable`, also when a file could not be removed: the rows that know of it stay.
pub async fn leave(context: &Context, tenant: TenantId) -> Result<(), StoreError> {
    let store = context.store.tenant(tenant);
    store.shred().await?;
    context.accounts.forget(tenant, None).await;
    loop {
        let files = store.some_files(BATCH).await?;
        if files.is_empty() {
            break;
        }
        for file in files {
            if !remove(context, tenant, file).await? {
                return Err(StoreError::Unavailable("a file is still there".to_owned()));
            }
        }
    }
    while store.purge().await? {
        tokio::time::sleep(BREATH).await;
    }
    Ok(())
}
