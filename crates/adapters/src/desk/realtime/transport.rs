//! One poll on its way to PubNub and back: the crate's `Transport` over our own connections.

use super::sanitize::{Answer, answer};
use super::wire::{Connection, Failed, Wire};
use async_trait::async_trait;
use domain::desk::DeskCredentials;
use domain::ports::{Cursor, PollError, PollFailure};
use domain::secret::Secret;
use pubnub::core::{PubNubError, Transport, TransportRequest, TransportResponse};
use serde_json::Value;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use uuid::Uuid;

/// Where the crate says whose subscription a poll is of; the key that stands there is nobody's.
const PATH: &str = "/v2/subscribe/";

tokio::task_local! {
    /// The tenant whose subscription this task polls.
    static POLLING: TenantTransport;
}

/// Polls for this tenant.
pub(super) async fn whose<F: Future>(tenant: &TenantTransport, poll: F) -> F::Output {
    POLLING.scope(tenant.clone(), poll).await
}

/// Carries the polls of all tenants: each goes the way of the tenant whose task it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Polls;

#[async_trait]
impl Transport for Polls {
    async fn send(&self, request: TransportRequest) -> Result<TransportResponse, PubNubError> {
        let Ok(tenant) = POLLING.try_with(TenantTransport::clone) else {
            return Err(PubNubError::Transport {
                details: "a poll of nobody's".to_owned(),
                response: None,
            });
        };
        tenant.send(request).await
    }
}

/// What the transport leaves for the stream: the crate would hand on neither the status of an
/// error nor the cursor, and fail on an odd entry.
#[derive(Debug, Default)]
struct Mail {
    region: Option<u32>,
    outcome: Option<Result<Answer, PollError>>,
    /// For the next poll.
    connection: Option<Connection>,
}

/// Carries one tenant's polls, with its keys, which are not logged here.
#[derive(Clone, Debug)]
pub(super) struct TenantTransport {
    wire: Arc<Wire>,
    who: Arc<Who>,
    mail: Arc<Mutex<Mail>>,
}

/// As whom a tenant polls.
#[derive(Debug)]
struct Who {
    subscribe_key: Secret,
    auth_key: Secret,
    /// Let's Talk's name for the agent on PubNub.
    user: String,
    /// PubNub's name for one subscriber among several of the same user: new for each subscription.
    instance: Uuid,
}

impl TenantTransport {
    /// `from` is the cursor that the stream starts with; `user` is the agent's name on PubNub.
    #[must_use]
    pub(super) fn new(wire: Arc<Wire>, from: Cursor, keys: &DeskCredentials, user: String) -> Self {
        let mail = Mail {
            region: from.region,
            ..Mail::default()
        };
        let who = Who {
            subscribe_key: keys.subscribe_key.clone(),
            auth_key: keys.agent_key.clone(),
            user,
            instance: Uuid::new_v4(),
        };
        Self {
            wire,
            who: Arc::new(who),
            mail: Arc::new(Mutex::new(mail)),
        }
    }

    /// The outcome of the last poll, once.
    pub(super) fn take(&self) -> Option<Result<Answer, PollError>> {
        self.mail().outcome.take()
    }

    fn mail(&self) -> std::sync::MutexGuard<'_, Mail> {
        self.mail.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn poll(&self, request: &TransportRequest) -> Result<Answer, PollError> {
        let strange = || down("el origen no es una dirección web");
        // `{key}/{channels}/0`
        let path = request.path.strip_prefix(PATH);
        let (_, channels) = path
            .and_then(|path| path.split_once('/'))
            .ok_or_else(strange)?;
        let key = self.who.subscribe_key.expose();
        let url = format!("{}{PATH}{key}/{channels}", self.wire.origin());
        let mut url = url::Url::parse(&url).map_err(|_| strange())?;
        let region = self.mail().region;
        {
            let mut query = url.query_pairs_mut();
            for (name, value) in &request.query_parameters {
                match name.as_str() {
                    // The raw subscription forgets the region of its first request and says 0.
                    "tr" => {}
                    // The client's own, which is nobody.
                    "uuid" | "instanceid" | "auth" => {}
                    _ => {
                        query.append_pair(name, value);
                    }
                }
            }
            query.append_pair("uuid", &self.who.user);
            query.append_pair("instanceid", &self.who.instance.to_string());
            query.append_pair("auth", self.who.auth_key.expose());
            if let Some(region) = region {
                query.append_pair("tr", &region.to_string());
            }
        }
        let timeout = Duration::from_secs(request.timeout.max(1));
        let mut connection = self.mail().connection.take();
        let body = fetch(&self.wire, &mut connection, &url, timeout).await;
        self.mail().connection = connection;
        let body = body?;
        answer(&body).ok_or_else(|| down("la respuesta no es de PubNub"))
    }
}

#[async_trait]
impl Transport for TenantTransport {
    /// Polls, and leaves the answer in the mailbox. The crate itself gets one small entry that
    /// says «there is an answer», empty ones included: so the stream wakes for each of them, the
    /// cursor is stored together with its events before the next poll goes out, and no entry of
    /// the answer can trip the crate's parser.
    async fn send(&self, request: TransportRequest) -> Result<TransportResponse, PubNubError> {
        let outcome = self.poll(&request).await;
        let result = match &outcome {
            Ok(answer) => Ok(signal(answer.cursor)),
            Err(error) => Err(PubNubError::Transport {
                details: error.detail.clone(),
                response: None,
            }),
        };
        let mut mail = self.mail();
        if let Ok(answer) = &outcome {
            mail.region = answer.cursor.region.or(mail.region);
        }
        mail.outcome = Some(outcome);
        result
    }
}

/// A well-formed answer with the real cursor and one entry without meaning.
fn signal(cursor: Cursor) -> TransportResponse {
    let timetoken = cursor.timetoken.to_string();
    let body = serde_json::json!({
        "t": { "t": timetoken, "r": cursor.region.unwrap_or(0) },
        "m": [{ "a": "0", "f": 0, "p": { "t": timetoken, "r": 0 }, "c": "answer", "d": 1 }],
    });
    TransportResponse {
        status: 200,
        body: Some(body.to_string().into_bytes()),
        ..TransportResponse::default()
    }
}

/// GETs from PubNub; the answer of a 200, or what else it means.
pub(super) async fn fetch(
    wire: &Wire,
    connection: &mut Option<Connection>,
    url: &url::Url,
    timeout: Duration,
) -> Result<Vec<u8>, PollError> {
    let answer = wire.get(connection, url, timeout).await;
    let answer = answer.map_err(|failed| {
        down(match failed {
            Failed::Unreachable => "no hay conexión",
            Failed::Cut | Failed::Unanswered => "se perdió la conexión",
            Failed::Late => "no hubo respuesta a tiempo",
            Failed::Malformed => "la respuesta no se entiende o es demasiado larga",
        })
    })?;
    match answer.status {
        200 => Ok(answer.body),
        status => Err(refusal(status, answer.retry_after, &answer.body)),
    }
}

/// What a status other than 200 means.
fn refusal(status: u16, retry_after: Option<Duration>, body: &[u8]) -> PollError {
    let failure = match status {
        400 => PollFailure::Rejected,
        401 | 403 => PollFailure::Refused {
            group: names_a_group(body),
        },
        _ => PollFailure::Down,
    };
    PollError {
        failure,
        retry_after,
        detail: format!("PubNub respondió HTTP {status}"),
    }
}

/// Access Manager lists what it refuses: `payload.channel-groups` and `payload.channels`.
fn names_a_group(body: &[u8]) -> bool {
    let Ok(value) = serde_json::from_slice::<Value>(body) else {
        return false;
    };
    value
        .get("payload")
        .and_then(|p| p.get("channel-groups"))
        .is_some_and(|groups| match groups {
            Value::Array(list) => !list.is_empty(),
            Value::Object(map) => !map.is_empty(),
            Value::String(text) => !text.is_empty(),
            _ => false,
        })
}

pub(super) fn down(detail: &str) -> PollError {
    PollError {
        failure: PollFailure::Down,
        retry_after: None,
        detail: detail.to_owned(),
    }
}
