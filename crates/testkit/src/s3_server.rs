//! A server that speaks S3's protocol, for tests: moto, an independent implementation in Python.

use crate::free_port;
use anyhow::{Context, Result, bail};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A moto server of one's own; dies when dropped.
#[derive(Debug)]
pub struct S3Server {
    child: Child,
    port: u16,
}

impl S3Server {
    /// Starts one on a free port: `RELEVO_TEST_MOTO`, or `moto_server` in the search path
    /// (`scripts/test` installs it; by hand: `pip install 'moto[server]'`).
    ///
    /// # Errors
    /// It is not installed or does not come up.
    pub fn start() -> Result<Self> {
        let program =
            std::env::var("RELEVO_TEST_MOTO").unwrap_or_else(|_| "moto_server".to_owned());
        let port = free_port();
        let child = Command::new(&program)
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("{program} cannot be started: pip install 'moto[server]'"))?;
        let server = Self { child, port };
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if started.elapsed() > Duration::from_secs(60) {
                bail!("{program} did not come up");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(server)
    }

    /// Host and port.
    #[must_use]
    pub fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        // It may be dead already; then there is nothing to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
