//! Tokens that would expire: Instagram's own login gives them for 60 days, and a renewal makes it
//! 60 again (`channels.md` §5.1).

use crate::Context;
use crate::crew::Crew;
use adapters::accounts::channel_context;
use domain::channel::{Channel, ChannelHealth, ChannelKind};
use domain::ids::ChannelId;
use domain::outbound::{Failure, SendError};
use domain::ports::RenewedToken;
use domain::time::Timestamp;
use std::collections::HashMap;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often tokens are looked at.
const EVERY: Duration = Duration::from_secs(3600);
/// A token is renewed when its last renewal is this long ago.
const AGE: Duration = Duration::from_secs(7 * 86_400);
/// After a refusal it is left alone this long: a token must be a day old.
const PAUSE: Duration = Duration::from_secs(86_400);
/// With less time left, a refusal is trouble for the tenant to see.
const ALARM: Duration = Duration::from_secs(10 * 86_400);
/// One renewal is done within this.
const LIMIT: Duration = Duration::from_secs(60);

/// Renews the tokens of this worker's tenants until cancelled. When tenants change hands in the
/// middle, two may renew the same token, and the one kept last is as good as the other.
pub async fn renewal(context: Context, crew: Crew, cancel: CancellationToken) {
    let mut tried: HashMap<ChannelId, Timestamp> = HashMap::new();
    tokio::select! {
        () = cancel.cancelled() => return,
        () = crew.joined() => {}
    }
    loop {
        round(&context, &crew, &mut tried).await;
        tokio::select! {
            () = cancel.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

async fn round(context: &Context, crew: &Crew, tried: &mut HashMap<ChannelId, Timestamp>) {
    let lines = match context.store.lines_of(ChannelKind::Instagram).await {
        Ok(lines) => lines,
        Err(error) => {
            tracing::warn!(%error, "tokens could not be looked at");
            return;
        }
    };
    let now = context.clock.now();
    tried.retain(|_, at| now.since(*at) < PAUSE);
    for line in lines {
        // Asked anew for each: the list may have changed while the one before was renewed.
        let list = crew.watch().borrow().list.clone();
        let ours = crew.holds(&list, line.tenant);
        if !ours || !is_due(&line, now) || tried.contains_key(&line.id) {
            continue;
        }
        tried.insert(line.id, now);
        if let Err(error) = renewed(context, &line, now).await {
            tracing::warn!(channel = %line.id, %error, "a token was not renewed");
            alarm(context, &line, &error, now).await;
        }
    }
}

fn is_due(line: &Channel, now: Timestamp) -> bool {
    let last = line.settings.token_renewed_at;
    last.is_none_or(|at| now.since(at) >= AGE)
}

/// Renews the token of a line as it stands now, and keeps the new one.
async fn renewed(context: &Context, line: &Channel, now: Timestamp) -> Result<(), SendError> {
    let passing = |why: String| SendError::clear(Failure::Transient { retry_after: None }, why);
    context.accounts.forget(line.tenant, Some(line)).await;
    let open = context.accounts.channel(line.tenant, line.id).await;
    let open = open.map_err(|e| passing(e.to_string()))?;
    // Another worker, or the tenant with a new token, was quicker.
    let Some(platform) = context
        .channels
        .get(line.kind)
        .filter(|_| is_due(&open.channel, now))
    else {
        return Ok(());
    };
    let answer = tokio::time::timeout(LIMIT, platform.renew(&open.credentials)).await;
    let answer = answer.map_err(|_| passing("no answer in time".to_owned()))??;
    let Some(RenewedToken { credentials, lasts }) = answer else {
        return Ok(());
    };
    let plain = credentials.to_sealable().to_string();
    let bound = channel_context(line.tenant, line.id);
    let sealed = context.vault.seal(bound, plain.as_bytes()).await;
    let sealed = sealed.map_err(|e| passing(e.to_string()))?;
    let channels = context.store.tenant(line.tenant).channels();
    // As they are by now: a member may have saved the form meanwhile.
    let current = channels.get(line.id).await;
    let mut settings = current.map_err(|e| passing(e.to_string()))?.settings;
    settings.token_renewed_at = Some(now);
    settings.token_expires_at = Some(now.after(lasts));
    let kept = channels.save_renewed(line.id, &sealed, &settings).await;
    kept.map_err(|e| passing(e.to_string()))?;
    context.accounts.forget(line.tenant, Some(line)).await;
    metrics::counter!("relevo_tokens_renewed").increment(1);
    Ok(())
}

/// The tenant sees it once time runs out.
async fn alarm(context: &Context, line: &Channel, error: &SendError, now: Timestamp) {
    let expires = line.settings.token_expires_at;
    let near = expires.is_some_and(|at| now.after(ALARM) >= at);
    if !near || error.failure != Failure::Unauthorized {
        return;
    }
    let health = ChannelHealth::NeedsAttention {
        why: error.detail.clone(),
    };
    let channels = context.store.tenant(line.tenant).channels();
    if let Err(error) = channels.set_health(line.id, &health).await {
        tracing::warn!(channel = %line.id, %error, "the health of a line could not be noted");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::channel::ChannelSettings;
    use domain::ids::TenantId;
    use uuid::Uuid;

    #[test]
    fn a_token_is_renewed_a_week_after_its_last_renewal() {
        let line = |renewed: Option<i64>| Channel {
            id: ChannelId(Uuid::nil()),
            tenant: TenantId(Uuid::nil()),
            kind: ChannelKind::Instagram,
            name: String::new(),
            external_id: String::new(),
            public_key: String::new(),
            settings: ChannelSettings {
                token_renewed_at: renewed.map(Timestamp),
                ..ChannelSettings::default()
            },
            health: ChannelHealth::Ok,
        };
        let week = i64::try_from(AGE.as_millis()).unwrap();
        assert!(is_due(&line(None), Timestamp(0)));
        assert!(!is_due(&line(Some(0)), Timestamp(week - 1)));
        assert!(is_due(&line(Some(0)), Timestamp(week)));
    }
}
