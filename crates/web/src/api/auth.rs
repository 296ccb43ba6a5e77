//! Whose key it is.

use super::problem::Problem;
use crate::edges::EdgeState;
use actix_web::HttpRequest;
use adapters::store::{ApiKey, TenantStore};
use domain::api_key::Scope;
use domain::audit::{Actor, By};
use domain::ids::{ChannelId, TenantId};
use moka::future::Cache;
use sha2::{Digest, Sha256};
use std::time::Duration;

/// How long a key is believed without looking again.
const FRESH: Duration = Duration::from_secs(2);
/// Longer ones are nobody's.
const LONGEST: usize = 256;

/// Keys seen lately, also those that do not exist, by the SHA-256 of the key.
#[derive(Clone)]
pub struct Keys(Cache<[u8; 32], Option<ApiKey>>);

impl Default for Keys {
    fn default() -> Self {
        Self(
            Cache::builder()
                .max_capacity(20_000)
                .time_to_live(FRESH)
                .build(),
        )
    }
}

/// Who calls.
pub(super) struct Caller {
    /// The tenant's data.
    pub store: TenantStore,
    /// The tenant.
    pub tenant: TenantId,
    key: ApiKey,
}

impl Caller {
    /// The caller of a request, if the key lives, does not call too often and may make calls of
    /// this kind.
    pub(super) async fn of(
        state: &EdgeState,
        request: &HttpRequest,
        scope: Scope,
    ) -> Result<Self, Problem> {
        let mut told = request.headers().get_all("authorization");
        let (Some(value), None) = (told.next(), told.next()) else {
            return Err(Problem::Unauthorized);
        };
        let token = value
            .to_str()
            .ok()
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim())
            .filter(|token| !token.is_empty() && token.len() <= LONGEST)
            .ok_or(Problem::Unauthorized)?;
        let hash: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let key = match state.keys.0.get(&hash).await {
            Some(known) => known,
            None => {
                let found = state.store.api_key(&hash).await?;
                state.keys.0.insert(hash, found.clone()).await;
                found
            }
        };
        let Some(key) = key else {
            metrics::counter!("relevo_api_calls", "result" => "unauthorized").increment(1);
            return Err(Problem::Unauthorized);
        };
        state.limits.take(key.id).map_err(|wait| {
            metrics::counter!("relevo_api_calls", "result" => "throttled").increment(1);
            Problem::TooMany {
                seconds: wait.as_secs() + 1,
            }
        })?;
        if !key.scopes.allows(scope) {
            metrics::counter!("relevo_api_calls", "result" => "out_of_scope").increment(1);
            return Err(Problem::Refused {
                status: 403,
                code: "out_of_scope",
                detail: "This API key may not make calls of this kind.",
            });
        }
        if state.suspended.of(&state.store, key.tenant).await? {
            metrics::counter!("relevo_api_calls", "result" => "suspended").increment(1);
            return Err(Problem::Refused {
                status: 403,
                code: "suspended",
                detail: "The account is suspended: ask whoever hosts Relevo for you.",
            });
        }
        metrics::counter!("relevo_api_calls", "result" => "accepted").increment(1);
        let by = By {
            actor: Actor::ApiKey {
                id: key.id,
                name: key.name.clone(),
            },
            address: None,
        };
        Ok(Self {
            store: state.store.tenant(key.tenant).by(by),
            tenant: key.tenant,
            key,
        })
    }

    /// Whether the key may act on a channel. Others are as unknown to it as another tenant's.
    pub(super) fn reach(&self, channel: ChannelId) -> Result<(), Problem> {
        if self.key.reaches(channel) {
            Ok(())
        } else {
            Err(Problem::NotFound)
        }
    }
}
