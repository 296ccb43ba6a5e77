//! Relevo's own processes, started from this very binary on a database of their own.

mod counters;
pub(super) mod cpu;
mod look;
mod people;
mod process;
mod running;
mod servers;
mod shape;

pub(super) use counters::Counted;
pub(super) use look::{Look, Used};
pub(super) use people::{ASKS, Line};
pub(super) use process::{Process, free_address};
pub use shape::Shape;

use super::far::Remote;
use crate::cli::{Cli, Command, Flags};
use crate::parts::Parts;
use crate::settings::Settings;
use anyhow::Context as _;
use counters::Counters;
use running::Running;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The house with everything below it.
pub(super) struct House {
    /// Where the web answers.
    pub url: String,
    shape: Shape,
    database: String,
    file: PathBuf,
    authority: Option<PathBuf>,
    running: Running,
    counters: Option<Counters>,
    /// The companies' lines.
    pub lines: Vec<Line>,
}

impl House {
    /// Makes the database and the companies, and starts nothing yet. `far` is the other
    /// side, which is only named.
    ///
    /// # Errors
    /// A step failed, in words.
    pub async fn build(
        shape: Shape,
        folder: &Path,
        far: &Remote,
        companies: usize,
    ) -> anyhow::Result<Self> {
        let listen = process::free_address()?;
        let file = folder.join("relevo.toml");
        let text = shape::settings(&shape, folder, &listen.to_string(), far)?;
        std::fs::write(&file, text)?;
        let flags = Flags {
            config: Some(file.clone()),
            ..Flags::default()
        };
        let cli = Cli {
            command: Command::All,
            flags,
        };
        // Nothing of our own environment: it may name somebody's database.
        let settings = Settings::load_from(&cli, &BTreeMap::new(), folder)?;
        let parts = Parts::build(&settings).await?;
        parts.store.migrate().await?;
        anyhow::ensure!(
            parts.store.tenant_ids().await?.is_empty(),
            "somebody lives in this database: give the benchmark one of its own"
        );
        let lines = people::companies(&parts, &far.url, companies).await?;
        let counters = match &shape {
            Shape::Embedded => None,
            Shape::Production { database, .. } => Some(Counters::open(database).await?),
        };
        Ok(Self {
            url: format!("http://{listen}"),
            shape,
            database: settings.database.url.expose().to_owned(),
            file,
            authority: far.authority.clone(),
            running: Running::default(),
            counters,
            lines,
        })
    }

    /// Starts what answers HTTP; of the embedded shape that is everything.
    ///
    /// # Errors
    /// It does not become ready.
    pub async fn open(&self) -> anyhow::Result<()> {
        let command = match self.shape {
            Shape::Embedded => "all",
            Shape::Production { .. } => "web",
        };
        let address = self.url.trim_start_matches("http://").parse()?;
        let web = self.started(command, address).await?;
        self.running.add_web(web);
        Ok(())
    }

    /// Whether workers are processes of their own.
    pub fn has_workers(&self) -> bool {
        matches!(self.shape, Shape::Production { .. })
    }

    /// Starts a worker, where workers are processes of their own.
    ///
    /// # Errors
    /// It does not become ready.
    pub async fn work(&self) -> anyhow::Result<()> {
        if self.has_workers() {
            let address = process::free_address()?;
            let worker = self.started("worker", address).await?;
            self.running.add_worker(worker);
        }
        Ok(())
    }

    /// Kills the worker that has run longest, in the middle of whatever it does.
    ///
    /// # Errors
    /// There is none.
    pub fn kill_worker(&self) -> anyhow::Result<()> {
        // Whoever drops a process kills it.
        drop(self.running.take_worker().context("no worker runs")?);
        Ok(())
    }

    /// Asks the worker that has run longest to end, as an upgrade does, and waits until it has.
    ///
    /// # Errors
    /// There is none, or it does not end well.
    pub async fn stop_worker(&self, within: Duration) -> anyhow::Result<()> {
        let worker = self.running.take_worker().context("no worker runs")?;
        worker.ask_to_end()?;
        worker.done(within).await
    }

    /// How many companies each worker holds.
    pub async fn companies_held(&self) -> Vec<usize> {
        self.running.held().await
    }

    async fn started(&self, command: &str, address: SocketAddr) -> anyhow::Result<Process> {
        Process::start(command, &self.file, address, self.authority.as_deref()).await
    }

    /// What the report calls its shape.
    pub fn shape_name(&self) -> &'static str {
        self.shape.name()
    }

    /// How many messages of contacts are stored.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn stored(&self) -> anyhow::Result<usize> {
        servers::stored(&self.database).await
    }
}
