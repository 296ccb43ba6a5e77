//! `relevo web`: pages, webhooks, the send proxy and the REST API.

use super::worker::{figures, ready, realtime};
use crate::lifecycle::stop_on_signals;
use crate::parts::Parts;
use crate::probe::LiveProbe;
use crate::secrets::SealedEventSecrets;
use crate::settings::{MailSettings, QueueSettings, Settings};
use actix_web::web::Data;
use adapters::password::Passwords;
use anyhow::Context as _;
use domain::channel::ChannelKind;
use std::net::TcpListener;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use web::edges::{EdgeParts, EdgeState};
use web::mail::MailMode;
use web::security::session_store::SessionBackend;
use web::security::throttle::Throttle;
use web::state::AppState;

pub(super) async fn run(settings: Settings) -> anyhow::Result<()> {
    let cancel = CancellationToken::new();
    stop_on_signals(cancel.clone())?;
    let parts = Parts::build(&settings).await?;
    ready(&parts).await?;
    let listener = TcpListener::bind(settings.listen)
        .with_context(|| format!("cannot listen on {}", settings.listen))?;
    tracing::info!(address = %settings.public_url, "the web is ready");
    serve(&settings, parts, listener, cancel).await
}

/// Serves until cancelled.
pub(super) async fn serve(
    settings: &Settings,
    parts: Parts,
    listener: TcpListener,
    cancel: CancellationToken,
) -> anyhow::Result<()> {
    let sessions = match &settings.queue {
        QueueSettings::Memory => SessionBackend::Sql(parts.store.clone()),
        QueueSettings::Redis { url } => SessionBackend::redis(url.expose()).await?,
    };
    let edges = EdgeState::new(EdgeParts {
        store: parts.store.clone(),
        ingest: parts.ingest.clone(),
        accounts: parts.accounts.clone(),
        channels: parts.channels.clone(),
        bots: parts.bots.clone(),
        files: parts.files.clone(),
        public_url: settings.public_url.to_string(),
    });
    let state = AppState {
        desk_probe: Arc::new(LiveProbe {
            desk: parts.desk.clone(),
            events: Arc::new(realtime(settings)?),
        }),
        event_secrets: Arc::new(SealedEventSecrets {
            store: parts.store.clone(),
            vault: parts.vault.clone(),
        }),
        channels: ChannelKind::ALL
            .into_iter()
            .filter_map(|kind| Some((kind, parts.channels.get(kind)?.clone())))
            .collect(),
        passwords: Passwords::new().await.context("password hashing")?,
        figures: figures()?,
        public_url: settings.public_url.clone(),
        throttle: Throttle::new(parts.store.clone()),
        behind_proxy: settings.behind_proxy,
        mail: match settings.mail {
            MailSettings::Off => MailMode::Off,
            MailSettings::Kept => MailMode::Keep,
            MailSettings::Smtp { .. } => MailMode::Send,
        },
        links: parts.signer,
        guarded: parts.http.guarded,
        store: parts.store,
        queue: parts.queue,
        vault: parts.vault,
        files: parts.files,
        clock: parts.clock,
        ids: parts.ids,
        ingest: parts.ingest,
        accounts: parts.accounts,
        sessions,
    };
    let store = state.store.clone();
    let (growth, ended) = (cancel.child_token(), cancel.child_token());
    let serving = async {
        let served = web::serve(Data::new(state), Data::new(edges), listener, ended).await;
        growth.cancel();
        served
    };
    let (served, ()) = tokio::join!(serving, store.watch_growth(growth.clone()));
    served.context("the web server ended")
}
