//! Redis for tests: a share of one server, or a server of one's own to be mistreated.

use crate::{free_port, run};
use anyhow::{Context, Result, bail, ensure};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use uuid::Uuid;

/// A redis-server child process of one's own, without persistence; dies when dropped.
#[derive(Debug)]
pub struct RedisServer {
    child: Option<Child>,
    port: u16,
    folder: TempDir,
}

impl RedisServer {
    /// Starts one on a free port and waits until it answers.
    ///
    /// # Errors
    /// redis-server is not installed or does not come up.
    pub fn start() -> Result<Self> {
        let mut server = Self {
            child: None,
            port: free_port(),
            folder: TempDir::with_prefix("relevo-redis-")?,
        };
        server.resurrect()?;
        Ok(server)
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    /// `kill -9`: everything in it is gone.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            // It may be dead already; then there is nothing to do.
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Starts it again, empty, on the same port.
    ///
    /// # Errors
    /// As [`RedisServer::start`].
    pub fn resurrect(&mut self) -> Result<()> {
        self.kill();
        let child = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .args(["--port", &self.port.to_string(), "--dir"])
            .arg(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("redis-server cannot be started")?;
        self.child = Some(child);
        wait_for(&self.url())
    }

    /// Makes it keep silent without closing anything, until [`RedisServer::resume`].
    ///
    /// # Errors
    /// There is no `kill`.
    pub fn pause(&self) -> Result<()> {
        self.signal("-STOP")
    }

    /// Lets it go on.
    ///
    /// # Errors
    /// There is no `kill`.
    pub fn resume(&self) -> Result<()> {
        self.signal("-CONT")
    }

    fn signal(&self, signal: &str) -> Result<()> {
        let child = self.child.as_ref().context("redis-server is not running")?;
        crate::process::signal(child.id(), signal)
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A test's share of a Redis: an address, and a prefix nobody else uses. The server is the one
/// at `RELEVO_TEST_REDIS_URL`, or one shared by the run.
#[derive(Debug)]
pub struct TestRedis {
    url: String,
    prefix: String,
}

/// A Redis for all tests of this run.
fn start_shared(folder: &Path) -> Result<String> {
    let port = free_port();
    let status = Command::new("redis-server")
        .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
        .args(["--daemonize", "yes", "--port", &port.to_string(), "--dir"])
        .arg(folder)
        .arg("--pidfile")
        .arg(folder.join("redis.pid"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .context("redis-server cannot be started")?;
    ensure!(status.success(), "redis-server does not start");
    let url = format!("redis://127.0.0.1:{port}/");
    wait_for(&url)?;
    Ok(url)
}

fn wait_for(url: &str) -> Result<()> {
    let client = redis::Client::open(url)?;
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let answer = client
            .get_connection_with_timeout(Duration::from_secs(1))
            .and_then(|mut connection| redis::cmd("PING").query::<()>(&mut connection));
        match answer {
            Ok(()) => return Ok(()),
            Err(error) if Instant::now() > deadline => {
                bail!("redis-server does not answer: {error}")
            }
            Err(_) => std::thread::sleep(Duration::from_millis(5)),
        }
    }
}

impl TestRedis {
    /// A fresh share.
    ///
    /// # Errors
    /// No server is given and none can be started.
    pub fn start() -> Result<Self> {
        let url = match std::env::var("RELEVO_TEST_REDIS_URL") {
            Ok(url) => url,
            Err(_) => run::service("redis", start_shared)?,
        };
        Ok(Self {
            url,
            prefix: format!("test-{}", Uuid::new_v4().as_simple()),
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The first part of every key.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    fn sweep(&self) -> redis::RedisResult<()> {
        let client = redis::Client::open(self.url.as_str())?;
        let mut connection = client.get_connection_with_timeout(Duration::from_secs(2))?;
        let mut cursor = 0_u64;
        loop {
            let (next, keys): (u64, Vec<String>) = redis::cmd("SCAN")
                .arg(cursor)
                .arg("MATCH")
                .arg(format!("{}*", self.prefix))
                .arg("COUNT")
                .arg(1_000)
                .query(&mut connection)?;
            if !keys.is_empty() {
                redis::cmd("DEL").arg(keys).query::<()>(&mut connection)?;
            }
            if next == 0 {
                return Ok(());
            }
            cursor = next;
        }
    }
}

impl Drop for TestRedis {
    fn drop(&mut self) {
        // The server may be gone already, which is as good.
        let _ = self.sweep();
    }
}
