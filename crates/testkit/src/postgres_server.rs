//! A PostgreSQL cluster of one's own, to be mistreated: killed, restarted, followed by a standby.

use crate::{free_port, process::signal};
use anyhow::{Context, Result, bail, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A cluster on a free port and a socket in its folder. Durable as in production: a test that
/// kills a process must not be kinder than life. Dies when dropped.
#[derive(Debug)]
pub struct PostgresServer {
    root: PathBuf,
    port: u16,
    _own: Option<TempDir>,
    left_running: bool,
    environment: Vec<(String, String)>,
}

impl PostgresServer {
    /// A new, empty cluster.
    ///
    /// # Errors
    /// PostgreSQL is not installed or does not come up.
    pub fn start() -> Result<Self> {
        let own = TempDir::with_prefix("relevo-postgres-")?;
        // PostgreSQL runs as another user and must be able to look inside.
        allow(own.path())?;
        let mut server = Self::in_folder(&own.path().join("cluster"))?;
        server._own = Some(own);
        Ok(server)
    }

    /// A new cluster whose data are on a disk that can be mistreated: `environment` answers what
    /// its processes get, by the folder of its data.
    ///
    /// # Errors
    /// As [`PostgresServer::start`].
    pub fn start_on(environment: impl FnOnce(&Path) -> Vec<(String, String)>) -> Result<Self> {
        let mut server = Self::start()?;
        server.kill9()?;
        server.environment = environment(&server.data());
        server.up()?;
        Ok(server)
    }

    /// The folder of its data.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.root.join("data")
    }

    /// A new, empty cluster in a folder that does not exist yet.
    ///
    /// # Errors
    /// As [`PostgresServer::start`].
    pub fn in_folder(root: &Path) -> Result<Self> {
        let server = Self::prepare(root)?;
        server.call(
            "initdb",
            &[
                "-U",
                "postgres",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
                "-N",
            ],
        )?;
        server.up()?;
        Ok(server)
    }

    fn prepare(root: &Path) -> Result<Self> {
        fs::create_dir_all(root)?;
        if is_root() {
            let owner = Command::new("chown").arg("postgres").arg(root).status()?;
            ensure!(owner.success(), "there is no user postgres");
        }
        Ok(Self {
            root: root.to_owned(),
            port: free_port(),
            _own: None,
            left_running: false,
            environment: Vec::new(),
        })
    }

    /// A standby that follows this cluster by streaming, and without which this cluster does not
    /// acknowledge a commit any more.
    ///
    /// # Errors
    /// It cannot be copied or does not come up.
    pub fn standby(&self) -> Result<Self> {
        let own = TempDir::with_prefix("relevo-standby-")?;
        allow(own.path())?;
        let mut standby = Self::prepare(&own.path().join("cluster"))?;
        standby._own = Some(own);
        let from = format!(
            "host=127.0.0.1 port={} user=postgres application_name=standby",
            self.port
        );
        standby.call(
            "pg_basebackup",
            &["-d", &from, "-R", "-X", "stream", "-c", "fast"],
        )?;
        standby.up()?;
        self.sql("alter system set synchronous_standby_names = 'standby'")?;
        self.sql("select pg_reload_conf()")?;
        Ok(standby)
    }

    /// Makes a standby the one that writes.
    ///
    /// # Errors
    /// It refuses.
    pub fn promote(&self) -> Result<()> {
        self.call("pg_ctl", &["promote", "-w", "-t", "60"])
    }

    /// The address of its `postgres` database.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Its port on loopback.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Carries out a statement by `psql`; what it answers, without decoration.
    ///
    /// # Errors
    /// It is refused.
    pub fn sql(&self, statement: &str) -> Result<String> {
        let output = Command::new(program("psql")?)
            .args(["-h", "127.0.0.1", "-p", &self.port.to_string()])
            .args(["-U", "postgres", "-qAt", "-c", statement])
            .output()?;
        ensure!(
            output.status.success(),
            "psql: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// `kill -9` of all its processes at once: a crash of the machine, as far as it can tell.
    ///
    /// # Errors
    /// It does not run.
    pub fn kill9(&self) -> Result<()> {
        let file = fs::read_to_string(self.root.join("data/postmaster.pid"))?;
        let head: u32 = file.lines().next().context("pid")?.trim().parse()?;
        // While it stands still it has no further children.
        signal(head, "-STOP")?;
        let listed = Command::new("pgrep")
            .args(["-P", &head.to_string()])
            .output()?;
        let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
        let children = listed.lines().filter_map(|line| line.trim().parse().ok());
        let all: Vec<u32> = std::iter::once(head).chain(children).collect();
        // The head first, so that it cannot see its children die.
        for pid in &all {
            // One that ended meanwhile is as good.
            let _ = signal(*pid, "-KILL");
        }
        // It would not start again while one of them still holds its memory.
        let by = Instant::now() + Duration::from_secs(20);
        while all.iter().any(|pid| is_alive(*pid)) {
            ensure!(Instant::now() < by, "PostgreSQL does not die");
            std::thread::sleep(Duration::from_millis(5));
        }
        // A process whose parent does not take notice of its end keeps its number, and what it
        // locked would count as in use.
        fs::remove_file(self.root.join("data/postmaster.pid"))?;
        for name in [
            format!(".s.PGSQL.{}", self.port),
            format!(".s.PGSQL.{}.lock", self.port),
        ] {
            fs::remove_file(self.root.join(name))?;
        }
        Ok(())
    }

    /// Starts it again after it was killed; it recovers from its log.
    ///
    /// # Errors
    /// It does not come up.
    pub fn up(&self) -> Result<()> {
        let settings = format!(
            "-p {} -k {} -c listen_addresses=127.0.0.1 -c max_connections=300",
            self.port,
            self.root.display()
        );
        let log = self.root.join("log").display().to_string();
        self.call(
            "pg_ctl",
            &["start", "-w", "-t", "60", "-l", &log, "-o", &settings],
        )
    }

    /// Whether it answers.
    #[must_use]
    pub fn answers(&self) -> bool {
        self.sql("select 1").is_ok()
    }

    /// Does not stop it when this value goes: somebody else will.
    pub fn leave_running(&mut self) {
        self.left_running = true;
    }

    fn call(&self, name: &str, arguments: &[&str]) -> Result<()> {
        let found = program(name)?;
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(&found);
            command
        } else {
            Command::new(&found)
        };
        let output = command
            .args(arguments)
            .arg("-D")
            .arg(self.root.join("data"))
            .current_dir(&self.root)
            .envs(self.environment.iter().cloned())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .output()?;
        ensure!(
            output.status.success(),
            "{}: {}{}",
            found.display(),
            String::from_utf8_lossy(&output.stderr),
            fs::read_to_string(self.root.join("log")).unwrap_or_default()
        );
        Ok(())
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        if !self.left_running {
            // It may be dead already.
            let _ = self.kill9();
        }
    }
}

/// Whether a process is there and no mere entry that nobody has read yet.
fn is_alive(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat
        .rsplit(')')
        .next()
        .and_then(|rest| rest.trim().chars().next());
    !matches!(state, None | Some('Z' | 'X'))
}

fn allow(folder: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    Ok(fs::set_permissions(
        folder,
        fs::Permissions::from_mode(0o755),
    )?)
}

fn is_root() -> bool {
    Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// A program of PostgreSQL's, which Debian keeps out of the search path. The newest counts.
pub(crate) fn program(name: &str) -> Result<PathBuf> {
    let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().map(|e| e.path().join("bin")).collect())
        .unwrap_or_default();
    versions.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = versions
        .into_iter()
        .rev()
        .chain(std::env::split_paths(&path))
        .map(|folder| folder.join(name))
        .find(|file| file.exists());
    match found {
        Some(file) => fs::canonicalize(&file).context("resolving"),
        None => bail!("{name} is not installed (package postgresql)"),
    }
}
