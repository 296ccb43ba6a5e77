//! `relevo demo`: everything in one process, with simulators of all platforms, an example bot and
//! a company on every channel. Nothing is kept: it lives in a folder of its own that goes with it.

use super::all::both;
use crate::demo::{Company, company};
use crate::lifecycle::stop_on_signals;
use crate::parts::Parts;
use crate::settings::Settings;
use anyhow::Context as _;
use domain::channel::ChannelKind;
use domain::secret::Secret;
use sandbox::{Sandbox, SandboxPorts, Urls};
use std::net::TcpListener;
use std::path::PathBuf;
use tokio_util::sync::CancellationToken;
use url::Url;

pub(super) async fn run(mut settings: Settings) -> anyhow::Result<()> {
    let folder = Folder::new()?;
    let cancel = CancellationToken::new();
    stop_on_signals(cancel.clone())?;
    let listener = listen(&mut settings)?;
    let sandbox = start_sandbox(&settings).await?;
    point_at(&mut settings, &sandbox.urls, &folder.0)?;
    let parts = Parts::build(&settings).await?;
    parts.store.migrate().await?;
    let public_url = settings
        .public_url
        .as_str()
        .trim_end_matches('/')
        .to_owned();
    let serving = both(&settings, parts.clone(), listener, cancel.clone());
    let showing = async {
        let seeded = company(
            &parts,
            &sandbox,
            &public_url,
            "Café Austral",
            "demo@relevo.test",
            &ChannelKind::PLATFORMS,
        );
        match seeded.await {
            Ok(company) => {
                show(&public_url, &sandbox.urls, &company);
                cancel.cancelled().await;
                Ok(())
            }
            Err(error) => {
                cancel.cancel();
                Err(error.context("the demo's company could not be set up"))
            }
        }
    };
    let (served, shown) = tokio::join!(serving, showing);
    sandbox.stop().await;
    drop(folder);
    shown.and(served)
}

/// The demo's own folder; removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> anyhow::Result<Self> {
        let path = std::env::temp_dir().join(format!("relevo-demo-{}", std::process::id()));
        std::fs::create_dir_all(&path).context("a folder for the demo")?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, "the demo's folder was left behind");
        }
    }
}

/// The address of the settings, or a free one when that is taken.
fn listen(settings: &mut Settings) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(settings.listen).or_else(|_| {
        let mut free = settings.listen;
        free.set_port(0);
        TcpListener::bind(free)
    })?;
    settings.listen = listener.local_addr()?;
    settings.public_url = Url::parse(&format!("http://{}", settings.listen))?;
    Ok(listener)
}

/// The simulators on the ports behind ours, or on free ones when those are taken.
async fn start_sandbox(settings: &Settings) -> anyhow::Result<Sandbox> {
    let port = settings.listen.port();
    let behind = |n: u16| port.checked_add(n).unwrap_or(0);
    let ports = SandboxPorts {
        console: behind(1),
        graph: behind(2),
        telegram: behind(3),
        letstalk: behind(4),
        pubnub: behind(5),
        bot: behind(6),
    };
    match Sandbox::start(ports).await {
        Ok(sandbox) => Ok(sandbox),
        Err(_) => Sandbox::start(SandboxPorts::default())
            .await
            .context("the simulators"),
    }
}

fn point_at(settings: &mut Settings, urls: &Urls, folder: &std::path::Path) -> anyhow::Result<()> {
    settings.platforms.whatsapp = Url::parse(&urls.graph)?;
    settings.platforms.messenger = Url::parse(&urls.graph)?;
    settings.platforms.instagram = Url::parse(&urls.graph)?;
    settings.platforms.telegram = Url::parse(&urls.telegram)?;
    settings.platforms.pubnub = Url::parse(&urls.pubnub)?;
    settings.data_dir = folder.to_owned();
    let file = folder.join("relevo.db");
    settings.database.url = Secret::new(format!("sqlite://{}?mode=rwc", file.display()));
    settings.allow_private_network = true;
    Ok(())
}

fn show(public_url: &str, urls: &Urls, company: &Company) {
    let phone = format!("{}/phone", urls.console);
    let agent = format!("{}/agent?agent={}", urls.console, company.agent);
    println!();
    println!("  Relevo is running. Three windows to open:");
    println!();
    println!(
        "    Relevo   {public_url}    {}  /  {}",
        company.email, company.password
    );
    println!("    Phone    {phone}    be the customer: write «quiero hablar con una persona»");
    println!("    Agent    {agent}    be the agent in Let's Talk");
    println!();
    println!("  Ctrl-C ends it; nothing is kept.");
    println!();
    let lines: Vec<_> = company
        .lines
        .iter()
        .map(|l| serde_json::json!({ "kind": l.kind.name(), "account": l.account, "channel": l.channel }))
        .collect();
    let machine = serde_json::json!({
        "relevo": public_url, "phone": phone, "agent": agent, "console": urls.console,
        "email": company.email, "password": company.password, "agent_id": company.agent,
        "organization": company.organization, "lines": lines,
    });
    println!("RELEVO_DEMO {machine}");
}
