//! `relevo bench pages`: what pages cost, measured on a database of its own.

use super::super::web;
use super::folder::Folder;
use crate::bench::pages::report::Report;
use crate::bench::pages::seed::{EMAIL, PASSWORD, seed};
use crate::bench::pages::told::Told;
use crate::bench::pages::{measure, which};
use crate::cli::BenchPages;
use crate::parts::{Parts, open_store};
use crate::settings::{DatabaseKind, QueueSettings, Settings};
use adapters::password::Passwords;
use adapters::store::Store;
use adapters::vault::MasterKeys;
use anyhow::{Context as _, bail};
use domain::ids::TenantId;
use domain::secret::Secret;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Instant;
use tokio_util::sync::CancellationToken;
use url::Url;

/// Messages of a run that only looks at counts.
const QUICK: usize = 3_000;

pub(super) async fn run(mut settings: Settings, wanted: &BenchPages) -> anyhow::Result<()> {
    let folder = Folder::new()?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let server = listener.local_addr()?;
    point_at(&mut settings, wanted, &folder, server)?;
    let told = Told::default();
    let noting = told.clone();
    let store = open_store(&settings)
        .await?
        .telling(move |text, took| noting.note(text, took));
    store.migrate().await?;
    let messages = wanted.messages.unwrap_or(100_000);
    let messages = if wanted.quick { QUICK } else { messages };
    let (tenant, seeded_s) = filled(&store, &settings, messages).await?;
    let pages = which::all(&store, tenant).await?;
    let parts = Parts::with_store(&settings, store)?;
    let cancel = CancellationToken::new();
    let serving = web::serve(&settings, parts, listener, cancel.clone());
    let times = if wanted.quick { 3 } else { 100 };
    let measuring = async {
        let measured = measure::all(server, &pages, &told, times).await;
        cancel.cancel();
        measured
    };
    let (served, measured) = tokio::join!(serving, measuring);
    served?;
    let (pages, assets) = measured?;
    let report = Report {
        database: match settings.database.kind {
            DatabaseKind::Sqlite => "SQLite",
            DatabaseKind::Postgres => "PostgreSQL",
        },
        messages,
        optimised: !cfg!(debug_assertions),
        seeded_s,
        pages,
        assets,
    };
    if let Some(file) = &wanted.report {
        std::fs::write(file, serde_json::to_vec_pretty(&report)?).context("the report")?;
    }
    println!("{report}");
    Ok(())
}

/// A database of its own: nobody's data is measured, and nothing is sent anywhere.
fn point_at(
    settings: &mut Settings,
    wanted: &BenchPages,
    folder: &Folder,
    server: std::net::SocketAddr,
) -> anyhow::Result<()> {
    settings.listen = server;
    settings.public_url = Url::parse(&format!("http://{server}"))?;
    settings.data_dir.clone_from(&folder.0);
    settings.queue = QueueSettings::Memory;
    settings.files = None;
    let key = MasterKeys::generate().context("a key")?;
    settings.master_keys = Some(Arc::new(MasterKeys::parse(&key)?));
    let own = format!("sqlite://{}?mode=rwc", folder.0.join("bench.db").display());
    let url = wanted.database.clone().unwrap_or(own);
    settings.database.kind = match url.split(':').next() {
        Some("sqlite") => DatabaseKind::Sqlite,
        Some("postgres" | "postgresql") => DatabaseKind::Postgres,
        _ => bail!("--database begins with sqlite:// or postgres://"),
    };
    settings.database.url = Secret::new(url);
    Ok(())
}

/// The large company of the seed and how long the seed took; a database that an earlier run filled
/// is taken as it is.
async fn filled(
    store: &Store,
    settings: &Settings,
    messages: usize,
) -> anyhow::Result<(TenantId, Option<f64>)> {
    if let Some((owner, _)) = store.member_by_email(EMAIL).await? {
        return Ok((owner.tenant, None));
    }
    if !store.tenant_ids().await?.is_empty() {
        bail!("somebody lives in this database: give the benchmark one of its own");
    }
    let began = Instant::now();
    let hash = Passwords::new().await?.hash(&Secret::new(PASSWORD)).await?;
    seed(store, settings.database.url.expose(), messages, &hash).await?;
    let owner = store.member_by_email(EMAIL).await?;
    let (owner, _) = owner.context("the seed left nobody")?;
    Ok((owner.tenant, Some(began.elapsed().as_secs_f64())))
}
