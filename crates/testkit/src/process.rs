//! The built binary as a child process.

use crate::free_port;
use anyhow::{Context, Result, bail};
use std::fs::File;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A running `relevo`; killed when dropped.
#[derive(Debug)]
pub struct RelevoProcess {
    child: Child,
    listen: SocketAddr,
    folder: TempDir,
}

impl RelevoProcess {
    /// Starts `binary` (in an integration test of the binary's package:
    /// `env!("CARGO_BIN_EXE_relevo")`) with a free port as `RELEVO_LISTEN`, and nothing of our
    /// own environment whose name begins with `RELEVO_`.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn start(
        binary: impl AsRef<Path>,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Result<Self> {
        let listen = SocketAddr::from(([127, 0, 0, 1], free_port()));
        Self::start_at(listen, binary, arguments, environment)
    }

    /// [`RelevoProcess::start`] at an address of one's own choice, such as that of a process
    /// that was killed.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn start_at(
        listen: SocketAddr,
        binary: impl AsRef<Path>,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Result<Self> {
        let folder = TempDir::with_prefix("relevo-process-")?;
        let log = File::create(folder.path().join("log"))?;
        let mut command = Command::new(binary.as_ref());
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("RELEVO_") {
                command.env_remove(name);
            }
        }
        let child = command
            .args(arguments)
            .current_dir(folder.path())
            .env("RELEVO_LISTEN", listen.to_string())
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("{} cannot be started", binary.as_ref().display()))?;
        Ok(Self {
            child,
            listen,
            folder,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.listen
    }

    /// `http://` and where it listens.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.listen)
    }

    /// What it wrote to standard output and error.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Waits until `/readyz` answers 200.
    ///
    /// # Errors
    /// It ended, or `deadline` passed; with what it wrote.
    pub async fn ready(&mut self, deadline: Duration) -> Result<()> {
        let started = Instant::now();
        let mut interval = Duration::from_millis(5);
        loop {
            if let Some(status) = self.child.try_wait()? {
                bail!("relevo ended with {status}:\n{}", self.log());
            }
            if self.status_of("/readyz").await.is_some_and(|s| s == 200) {
                return Ok(());
            }
            if started.elapsed() > deadline {
                bail!("relevo is not ready after {deadline:?}:\n{}", self.log());
            }
            tokio::time::sleep(interval).await;
            interval = (interval * 3 / 2).min(Duration::from_millis(100));
        }
    }

    /// The status of a GET; `None`: no answer.
    pub async fn status_of(&self, path: &str) -> Option<u16> {
        let ask = async {
            let mut stream = TcpStream::connect(self.listen).await.ok()?;
            let request = format!("GET {path} HTTP/1.0\r\nHost: {}\r\n\r\n", self.listen);
            stream.write_all(request.as_bytes()).await.ok()?;
            let mut head = [0_u8; 12];
            stream.read_exact(&mut head).await.ok()?;
            // "HTTP/1.x 200"
            std::str::from_utf8(&head).ok()?.get(9..)?.parse().ok()
        };
        tokio::time::timeout(Duration::from_secs(5), ask)
            .await
            .ok()
            .flatten()
    }

    /// Its number with the system.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, if it has.
    ///
    /// # Errors
    /// The system does not say.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Takes it off the processor (SIGSTOP) until [`RelevoProcess::resume`].
    ///
    /// # Errors
    /// There is no `kill`.
    pub fn pause(&self) -> Result<()> {
        signal(self.pid(), "-STOP")
    }

    /// Lets it go on.
    ///
    /// # Errors
    /// There is no `kill`.
    pub fn resume(&self) -> Result<()> {
        signal(self.pid(), "-CONT")
    }

    /// `kill -9`, and waits for its end.
    ///
    /// # Errors
    /// The system refuses.
    pub fn kill9(&mut self) -> Result<ExitStatus> {
        self.child.kill()?;
        Ok(self.child.wait()?)
    }

    /// Asks it to stop (SIGTERM) and waits for its end, at most `deadline`.
    ///
    /// # Errors
    /// It does not stop.
    pub async fn stop(&mut self, deadline: Duration) -> Result<ExitStatus> {
        signal(self.pid(), "-TERM")?;
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            if started.elapsed() > deadline {
                bail!("relevo does not stop within {deadline:?}:\n{}", self.log());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// Sends a signal, such as `-STOP`, to a process of one's own.
pub(crate) fn signal(pid: u32, signal: &str) -> Result<()> {
    let mut command = Command::new("kill");
    let status = command.args([signal, &pid.to_string()]).status()?;
    anyhow::ensure!(status.success(), "kill {signal} {pid} failed");
    Ok(())
}

impl Drop for RelevoProcess {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_process_that_ends_at_once_is_told_from_one_that_is_slow() -> Result<()> {
        let mut process = RelevoProcess::start("/bin/sh", &["-c", "echo why; exit 3"], &[])?;
        let error = process.ready(Duration::from_secs(20)).await.unwrap_err();
        assert!(
            error.to_string().contains("exit status: 3:\nwhy"),
            "{error}"
        );
        let mut silent = RelevoProcess::start("/bin/sleep", &["60"], &[])?;
        let error = silent.ready(Duration::from_millis(50)).await.unwrap_err();
        assert!(error.to_string().contains("is not ready"), "{error}");
        silent.kill9()?;
        assert_eq!(silent.status_of("/readyz").await, None);
        Ok(())
    }
}
