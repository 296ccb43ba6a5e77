//! `relevo worker`: subscriptions, outbound delivery, timers.

use crate::lifecycle::stop_on_signals;
use crate::parts::Parts;
use crate::settings::{MailSettings, Settings};
use ::web::health::Health;
use adapters::api_objects::ApiObjects;
use adapters::desk::realtime::Realtime;
use adapters::inbox::Inbox;
use adapters::mailer::SmtpMailer;
use adapters::telemetry::MetricsPage;
use anyhow::Context as _;
use domain::ports::Mailer;
use std::net::TcpListener;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use worker::crew::{Crew, Pulse};
use worker::outbound;
use worker::subscriptions::{self, Supervisor};

pub(super) async fn run(settings: Settings) -> anyhow::Result<()> {
    let cancel = CancellationToken::new();
    stop_on_signals(cancel.clone())?;
    let parts = Parts::build(&settings).await?;
    ready(&parts).await?;
    let listener = TcpListener::bind(settings.listen)
        .with_context(|| format!("cannot listen on {}", settings.listen))?;
    let health = Health {
        store: parts.store.clone(),
        queue: parts.queue.clone(),
        figures: figures()?,
    };
    tracing::info!(address = %settings.listen, "the worker is ready");
    let (worked, served) = tokio::join!(
        work(&settings, parts, cancel.clone()),
        ::web::health::serve_alone(health, listener, cancel),
    );
    served.context("the health page ended")?;
    worked
}

/// Works until cancelled.
pub(super) async fn work(
    settings: &Settings,
    parts: Parts,
    cancel: CancellationToken,
) -> anyhow::Result<()> {
    let name = format!("worker-{}", Uuid::now_v7().simple());
    let context = worker::Context {
        store: parts.store.clone(),
        ingest: parts.ingest.clone(),
        queue: parts.queue.clone(),
        vault: parts.vault.clone(),
        accounts: parts.accounts.clone(),
        channels: parts.channels.clone(),
        desk: parts.desk.clone(),
        bots: parts.bots.clone(),
        objects: ApiObjects::new(settings.public_url.as_str()),
        files: parts.files.clone(),
        http: parts.http.clone(),
        links: parts.links.clone(),
        clock: parts.clock.clone(),
    };
    let post = mailer(settings)?.map(|mailer| worker::Mails {
        store: parts.store.clone(),
        vault: parts.vault.clone(),
        clock: parts.clock.clone(),
        mailer,
    });
    let realtime = realtime(settings)?;
    let typing = worker::typing(context.clone());
    let subscriptions = subscriptions::Parts {
        inbox: Arc::new(Inbox::new(
            parts.store,
            parts.ingest,
            parts.accounts,
            typing,
        )),
        events: Arc::new(realtime),
        history: parts.desk,
        clock: parts.clock,
    };
    let crew = Crew::new(parts.queue, name, Pulse::default());
    let supervisor = Supervisor::new(
        subscriptions,
        subscriptions::Settings::default(),
        crew.clone(),
    );
    // It counts as living until it has nothing in hand any more.
    let done = CancellationToken::new();
    let works = async {
        tokio::join!(
            supervisor.run(cancel.clone()),
            outbound::run(
                context.clone(),
                outbound::Settings::default(),
                crew.clone(),
                cancel.clone()
            ),
            worker::timers(context.clone(), cancel.clone()),
            worker::books(context.clone(), crew.clone(), cancel.clone()),
            mails(post, cancel.clone()),
            worker::retention(context.clone(), crew.clone(), cancel.clone()),
            worker::figures(context.clone(), cancel.clone()),
            worker::housekeeping(context.clone(), cancel.clone()),
            context.store.watch_growth(cancel.clone()),
            worker::renewal(context.clone(), crew.clone(), cancel.clone()),
        );
        done.cancel();
    };
    tokio::join!(works, crew.run(done.clone()));
    Ok(())
}

/// Sends what the web posted; without a mail server nothing is.
async fn mails(post: Option<worker::Mails>, cancel: CancellationToken) {
    if let Some(post) = post {
        post.run(cancel).await;
    }
}

/// The mail server of the settings.
pub(super) fn mailer(settings: &Settings) -> anyhow::Result<Option<Arc<dyn Mailer>>> {
    match &settings.mail {
        MailSettings::Smtp { url, from } => {
            let mailer = SmtpMailer::new(url, from).context("the mail server")?;
            Ok(Some(Arc::new(mailer)))
        }
        MailSettings::Off => {
            tracing::warn!("RELEVO_SMTP_URL is not set: no mails are sent");
            Ok(None)
        }
        MailSettings::Kept => Ok(None),
    }
}

/// The realtime stream at the origin of the settings.
pub(super) fn realtime(settings: &Settings) -> anyhow::Result<Realtime> {
    let origin = settings.platforms.pubnub.as_str().trim_end_matches('/');
    Realtime::new(origin).context("PubNub's origin")
}

/// Begins to count in this process; the figures in Prometheus' text format.
pub(super) fn figures() -> anyhow::Result<Arc<dyn Fn() -> String + Send + Sync>> {
    let page = MetricsPage::install().context("metrics")?;
    tokio::spawn(page.clone().keep_up());
    Ok(Arc::new(move || page.render()))
}

/// Several processes share a schema: only `migrate` and `all` change it.
pub(super) async fn ready(parts: &Parts) -> anyhow::Result<()> {
    let schema = parts.store.schema().await;
    let schema = schema.context("the schema could not be read")?;
    schema.fits()?;
    if let Some(newest) = schema.unknown.last() {
        tracing::warn!(newest, "a newer version has added to the database");
    }
    Ok(())
}
