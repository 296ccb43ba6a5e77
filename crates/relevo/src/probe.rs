//! «Test connection»: tries a desk for real, step by step.

use adapters::desk::realtime::Realtime;
use async_trait::async_trait;
use domain::desk::DeskAccount;
use domain::outbound::{Failure, SendError};
use domain::ports::{ClientRequest, Desk, DeskEvents, PollFailure};
use std::sync::Arc;
use std::time::Duration;
use web::state::{DeskProbe, ProbeOutcome, ProbeStep};

/// A first poll answers at once; a longer silence is a failure.
const PATIENCE: Duration = Duration::from_secs(15);

/// Tries a desk for real.
pub struct LiveProbe {
    /// Let's Talk over REST.
    pub desk: Arc<dyn Desk>,
    /// Its realtime stream.
    pub events: Arc<Realtime>,
}

#[async_trait]
impl DeskProbe for LiveProbe {
    async fn probe(&self, account: &DeskAccount) -> Vec<(ProbeStep, ProbeOutcome)> {
        let client = self.client(account).await;
        // An answer, whatever it says, proves the address.
        let reach = match &client {
            Err(error)
                if matches!(error.failure, Failure::Transient { .. }) && error.code.is_none() =>
            {
                ProbeOutcome::Failed(error.detail.clone())
            }
            _ => ProbeOutcome::Ok,
        };
        if reach != ProbeOutcome::Ok {
            return ProbeStep::ALL
                .into_iter()
                .map(|step| match step {
                    ProbeStep::Reach => (step, reach.clone()),
                    _ => (step, ProbeOutcome::Skipped),
                })
                .collect();
        }
        let (agent, stream) = tokio::join!(self.agent_key(account), self.subscribed(account));
        vec![
            (ProbeStep::Reach, reach),
            (ProbeStep::CreateClient, outcome(client)),
            (ProbeStep::AgentKey, outcome(agent)),
            (ProbeStep::Subscribe, stream),
        ]
    }
}

impl LiveProbe {
    /// The same client each time: the call is idempotent by its address.
    async fn client(&self, account: &DeskAccount) -> Result<(), SendError> {
        let who = ClientRequest {
            email: format!("prueba@{}.relevo.invalid", account.tenant),
            name: "Prueba de Relevo".to_owned(),
        };
        self.desk.client(account, &who).await.map(|_| ())
    }

    /// Asks for the messages of a conversation that cannot exist: a refused key answers 401, a
    /// good one 404 or an empty list.
    async fn agent_key(&self, account: &DeskAccount) -> Result<(), SendError> {
        let key = &account.credentials.agent_key;
        match self.desk.messages(account, key, 0, None, 1).await {
            Err(error) if error.failure == Failure::Payload => Ok(()),
            other => other.map(|_| ()),
        }
    }

    async fn subscribed(&self, account: &DeskAccount) -> ProbeOutcome {
        let tried = async {
            let mut from = self.events.now(account).await?;
            // A cursor in the past is answered at once when something is there, and otherwise
            // held open: an open poll means that the keys were taken.
            from.region = None;
            let mut subscription = self.events.subscribe(account, from, true)?;
            match tokio::time::timeout(Duration::from_secs(3), subscription.next()).await {
                Err(_) | Ok(Ok(_)) => Ok(()),
                Ok(Err(error)) if !matches!(error.failure, PollFailure::Down) => {
                    let mut plain = self.events.subscribe(account, from, false)?;
                    match tokio::time::timeout(Duration::from_secs(3), plain.next()).await {
                        Err(_) | Ok(Ok(_)) => Ok(()),
                        Ok(Err(error)) => Err(error),
                    }
                }
                Ok(Err(error)) => Err(error),
            }
        };
        match tokio::time::timeout(PATIENCE, tried).await {
            Ok(Ok(())) => ProbeOutcome::Ok,
            Ok(Err(error)) => ProbeOutcome::Failed(error.to_string()),
            Err(_) => ProbeOutcome::Failed("PubNub did not answer in time".to_owned()),
        }
    }
}

fn outcome(result: Result<(), SendError>) -> ProbeOutcome {
    match result {
        Ok(()) => ProbeOutcome::Ok,
        Err(error) => ProbeOutcome::Failed(match &error.code {
            Some(code) => format!("{code}: {}", error.detail),
            None => error.detail.clone(),
        }),
    }
}
