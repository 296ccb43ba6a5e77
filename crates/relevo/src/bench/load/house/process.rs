//! One of Relevo's processes, as a child of the benchmark.

use anyhow::{Context as _, bail};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Longest time until a process is ready.
const READY: Duration = Duration::from_secs(120);

/// A running process; killed when dropped.
pub(in super::super) struct Process {
    child: Child,
    /// Where it answers.
    listen: Option<SocketAddr>,
}

/// An address on which nobody listens now.
pub(in super::super) fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

impl Process {
    /// Starts `relevo COMMAND` with a settings file and waits until it is ready.
    pub(super) async fn start(
        command: &str,
        file: &Path,
        listen: SocketAddr,
        authority: Option<&Path>,
    ) -> anyhow::Result<Self> {
        let file = file.display().to_string();
        let listen_text = listen.to_string();
        let arguments = [command, "--config", &file, "--listen", &listen_text];
        let mut process = Self::spawn(&arguments, authority)?;
        process.listen = Some(listen);
        let began = Instant::now();
        loop {
            if let Some(status) = process.child.try_wait()? {
                bail!("relevo {command} ended with {status}");
            }
            if answers(listen).await {
                return Ok(process);
            }
            if began.elapsed() > READY {
                bail!("relevo {command} is not ready after {READY:?}");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Starts this binary with arguments, without any of our settings in its environment. `authority`
    /// is the only one whose certificates it believes.
    pub(in super::super) fn spawn(
        arguments: &[&str],
        authority: Option<&Path>,
    ) -> anyhow::Result<Self> {
        let binary = std::env::current_exe().context("where this program is")?;
        let mut command = Command::new(binary);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("RELEVO_") {
                command.env_remove(name);
            }
        }
        if let Some(authority) = authority {
            command.env("SSL_CERT_FILE", authority);
        }
        // Held open: a child that reads it learns when we are gone. Only the report is printed to
        // standard output.
        let command = command.args(arguments).stdin(Stdio::piped());
        let child = command.stdout(Stdio::null()).spawn()?;
        Ok(Self {
            child,
            listen: None,
        })
    }

    /// Waits until it ends well.
    ///
    /// # Errors
    /// It takes too long, or fails.
    pub(in super::super) async fn done(mut self, within: Duration) -> anyhow::Result<()> {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait()? {
                anyhow::ensure!(status.success(), "it ended with {status}");
                return Ok(());
            }
            anyhow::ensure!(began.elapsed() < within, "not done after {within:?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Asks it to end (SIGTERM).
    ///
    /// # Errors
    /// The system refuses.
    pub(super) fn ask_to_end(&self) -> anyhow::Result<()> {
        let mut kill = Command::new("kill");
        let status = kill.args(["-TERM", &self.pid().to_string()]).status()?;
        anyhow::ensure!(status.success(), "it could not be asked to end");
        Ok(())
    }

    /// Where it answers; empty if it does not.
    pub(super) fn url(&self) -> String {
        let at = self.listen.map(|listen| format!("http://{listen}"));
        at.unwrap_or_default()
    }

    /// Its number with the system.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

/// Whether `/readyz` answers 200.
async fn answers(listen: SocketAddr) -> bool {
    let ask = async {
        let mut line = TcpStream::connect(listen).await.ok()?;
        let request = format!("GET /readyz HTTP/1.0\r\nhost: {listen}\r\n\r\n");
        line.write_all(request.as_bytes()).await.ok()?;
        let mut head = [0_u8; 12];
        line.read_exact(&mut head).await.ok()?;
        Some(head.ends_with(b"200"))
    };
    matches!(
        tokio::time::timeout(Duration::from_secs(5), ask).await,
        Ok(Some(true))
    )
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
