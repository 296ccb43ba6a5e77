//! The other side as the benchmark sees it: a process that is asked and told.

use super::super::house::{Process, free_address};
use super::super::near::Wire;
use super::{Noted, tls};
use anyhow::Context as _;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// Longest time until it answers at all.
const READY: Duration = Duration::from_secs(30);
/// How often it is looked whether what is awaited has come.
const LOOK: Duration = Duration::from_millis(50);

/// The simulators' process.
pub(in super::super) struct Remote {
    /// Where they answer.
    pub url: String,
    /// Where the stream answers.
    pub stream: String,
    /// Whose word for the stream's name is to be believed, where it answers over TLS.
    pub authority: Option<PathBuf>,
    process: Process,
    wire: Mutex<Wire>,
    /// Longest time without any progress.
    patience: Duration,
}

impl Remote {
    /// Starts the simulators. Whoever waits for something gives up after `patience` without any of it.
    /// With a folder for papers, the stream answers over TLS.
    pub async fn start(patience: Duration, papers: Option<&Path>) -> anyhow::Result<Self> {
        let (plain, over_tls) = (free_address()?, free_address()?);
        let (plain_text, tls_text) = (plain.to_string(), over_tls.to_string());
        let mut arguments = vec!["bench", "far", "--at", &plain_text];
        let authority = papers.map(tls::papers).transpose()?;
        let folder = papers.map(|it| it.display().to_string());
        if let Some(folder) = &folder {
            arguments.extend(["--tls", &tls_text, "--papers", folder]);
        }
        let url = format!("http://{plain}");
        let secure = format!("https://localhost:{}", over_tls.port());
        let remote = Self {
            process: Process::spawn(&arguments, None)?,
            wire: Mutex::new(Wire::to(&url)?),
            stream: authority.as_ref().map_or(url.clone(), |_| secure),
            url,
            authority,
            patience,
        };
        let until = Instant::now() + READY;
        while remote.noted(true).await.is_err() {
            anyhow::ensure!(Instant::now() < until, "the simulators do not answer");
            tokio::time::sleep(LOOK).await;
        }
        Ok(remote)
    }

    /// Its number with the system.
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// What was noted; `light`: without the messages themselves.
    pub async fn noted(&self, light: bool) -> anyhow::Result<Noted> {
        let path = format!("/bench/notes?light={light}");
        let body = self.wire.lock().await.get(&path).await?;
        Ok(serde_json::from_slice(&body)?)
    }

    /// Tells the simulators what to do.
    pub async fn tell(&self, path: &str, what: &impl Serialize) -> anyhow::Result<()> {
        let body = serde_json::to_vec(what)?;
        let mut wire = self.wire.lock().await;
        let status = wire.post(path, &body, ("x-none", "-")).await?;
        anyhow::ensure!(status < 300, "{path} answered {status}");
        Ok(())
    }

    /// Until so many have come, by what `count` looks at.
    ///
    /// # Errors
    /// For too long nothing came; what was reached is told.
    pub async fn until(
        &self,
        what: &str,
        wanted: usize,
        count: impl Fn(&Noted) -> usize,
    ) -> anyhow::Result<()> {
        let mut best = (0, Instant::now());
        loop {
            let noted = self.noted(true).await.context("the simulators")?;
            let there = count(&noted);
            if there >= wanted {
                return Ok(());
            }
            if there > best.0 {
                best = (there, Instant::now());
            }
            anyhow::ensure!(
                best.1.elapsed() < self.patience,
                "{there} of {wanted} {what}, and none in the last {:?}; {}",
                self.patience,
                noted.told()
            );
            tokio::time::sleep(LOOK).await;
        }
    }
}
