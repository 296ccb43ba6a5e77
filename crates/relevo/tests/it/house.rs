//! The processes of Relevo and what stands below them.

use relevo::cli::{Cli, Command, Flags};
use relevo::settings::Settings;
use sandbox::Urls;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;
use tempfile::TempDir;
use testkit::{RedisServer, RelevoProcess, TestDatabase, free_port};

/// How Relevo is deployed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavour {
    /// One process, SQLite, the in-process queue.
    Embedded,
    /// Web and worker as processes of their own, PostgreSQL, Redis.
    Production,
}

/// One of the processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Answers HTTP; of the embedded flavour the only one.
    Web,
    /// Works.
    Worker,
    /// Works too; not started by itself.
    SecondWorker,
}

const READY: Duration = Duration::from_secs(120);
const STOP: Duration = Duration::from_secs(60);
/// As talkative as somebody looking for trouble would have it, about our own work.
const LOG: &str = "info,adapters=debug,domain=debug,relevo=debug,web=debug,worker=debug";
const BINARY: &str = env!("CARGO_BIN_EXE_relevo");

/// Running processes; killed when dropped.
pub struct House {
    pub flavour: Flavour,
    listen: SocketAddr,
    web: Mutex<Option<RelevoProcess>>,
    worker: Mutex<Option<RelevoProcess>>,
    second: Mutex<Option<RelevoProcess>>,
    pub database_url: String,
    pub redis: Option<RedisServer>,
    /// What the processes get besides their settings.
    pub environment: Vec<(String, String)>,
    pub database: Option<TestDatabase>,
    folder: TempDir,
}

impl House {
    /// Builds what stands below and starts nothing yet.
    pub async fn build(flavour: Flavour, urls: &Urls) -> Self {
        let folder = TempDir::with_prefix("relevo-house-").unwrap();
        let listen = SocketAddr::from(([127, 0, 0, 1], free_port()));
        let (database, redis) = match flavour {
            Flavour::Embedded => (None, None),
            Flavour::Production => (
                Some(TestDatabase::empty().await.unwrap()),
                Some(RedisServer::start().unwrap()),
            ),
        };
        let file = folder.path().join("relevo.db");
        let database_url = database.as_ref().map_or_else(
            || format!("sqlite://{}?mode=rwc", file.display()),
            TestDatabase::url,
        );
        let house = Self {
            flavour,
            listen,
            web: Mutex::default(),
            worker: Mutex::default(),
            second: Mutex::default(),
            database_url,
            redis,
            environment: Vec::new(),
            database,
            folder,
        };
        std::fs::write(house.file(), house.settings_file(urls)).unwrap();
        house
    }

    /// Adds a setting before the processes are started.
    pub fn set(&self, name: &str, value: &str) {
        let mut text = std::fs::read_to_string(self.file()).unwrap();
        writeln!(text, "{name} = \"{value}\"").unwrap();
        std::fs::write(self.file(), text).unwrap();
    }

    /// The file of SQLite's database, and with it those beside it.
    pub fn database_file(&self) -> PathBuf {
        self.folder.path().join("relevo.db")
    }

    /// Where files of messages lie.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The settings of the processes.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("relevo.toml")
    }

    fn settings_file(&self, urls: &Urls) -> String {
        let redis = self.redis.as_ref().map(RedisServer::url);
        let below = Below {
            listen: self.listen.to_string(),
            url: self.url(),
            folder: self.folder.path().display().to_string(),
            database: &self.database_url,
            redis: redis.as_deref(),
        };
        settings_text(&below, urls)
    }

    /// The settings of the processes, for the test's own share of the database.
    pub fn settings(&self) -> Settings {
        let flags = Flags {
            config: Some(self.file()),
            ..Flags::default()
        };
        Settings::load(&Cli {
            command: Command::All,
            flags,
        })
        .unwrap()
    }

    /// Where the web answers.
    pub fn url(&self) -> String {
        format!("http://{}", self.listen)
    }

    async fn process(&self, command: &str, listen: SocketAddr) -> RelevoProcess {
        let (file, address) = (self.file().display().to_string(), listen.to_string());
        let arguments = [command, "--config", &file, "--listen", &address];
        let pairs = self.environment.iter();
        let environment: Vec<_> = pairs.map(|(k, v)| (k.as_str(), v.as_str())).collect();
        let mut process =
            RelevoProcess::start_at(listen, BINARY, &arguments, &environment).unwrap();
        process.ready(READY).await.unwrap();
        process
    }

    /// Brings the database up to date and starts everything.
    pub async fn open(&self) {
        if self.flavour == Flavour::Production {
            let file = self.file().display().to_string();
            let done = tokio::process::Command::new(BINARY)
                .args(["migrate", "--config", &file])
                .output()
                .await
                .unwrap();
            let said = String::from_utf8_lossy(&done.stderr).into_owned();
            assert!(done.status.success(), "migrate: {said}");
        }
        self.start(Part::Web).await;
        self.start(Part::Worker).await;
    }

    /// Starts a process and waits until it is ready.
    pub async fn start(&self, part: Part) {
        match (part, self.flavour) {
            (Part::Web, flavour) => {
                let command = match flavour {
                    Flavour::Embedded => "all",
                    Flavour::Production => "web",
                };
                let web = self.process(command, self.listen).await;
                *self.place(part).lock().unwrap() = Some(web);
            }
            (Part::Worker | Part::SecondWorker, Flavour::Production) => {
                // Its own address, for its health only.
                let listen = SocketAddr::from(([127, 0, 0, 1], free_port()));
                let worker = self.process("worker", listen).await;
                *self.place(part).lock().unwrap() = Some(worker);
            }
            (Part::Worker | Part::SecondWorker, Flavour::Embedded) => {}
        }
    }

    /// Runs another command of the binary with the settings of the house; what it said.
    pub async fn command(&self, arguments: &[&str]) -> std::process::Output {
        let file = self.file().display().to_string();
        tokio::process::Command::new(BINARY)
            .args(arguments)
            .args(["--config", &file])
            .output()
            .await
            .unwrap()
    }

    fn place(&self, part: Part) -> &Mutex<Option<RelevoProcess>> {
        match part {
            Part::Web => &self.web,
            Part::Worker => &self.worker,
            Part::SecondWorker => &self.second,
        }
    }

    fn slot(&self, part: Part) -> Option<RelevoProcess> {
        self.place(part).lock().unwrap().take()
    }

    /// A running process's number.
    pub fn pid(&self, part: Part) -> Option<u32> {
        let process = self.place(part).lock().unwrap();
        process.as_ref().map(RelevoProcess::pid)
    }

    /// Where a running process tells of its health.
    pub fn health(&self, part: Part) -> String {
        let process = self.place(part).lock().unwrap();
        process.as_ref().map(RelevoProcess::url).unwrap()
    }

    /// What a running process has said; empty when it does not run.
    pub fn log(&self, part: Part) -> String {
        let process = self.place(part).lock().unwrap();
        process.as_ref().map(RelevoProcess::log).unwrap_or_default()
    }

    /// `kill -9`.
    pub fn kill(&self, part: Part) {
        if let Some(mut process) = self.slot(part) {
            process.kill9().unwrap();
        }
    }

    /// SIGTERM; it must end by itself, with success.
    pub async fn stop(&self, part: Part) {
        if let Some(mut process) = self.slot(part) {
            let status = process.stop(STOP).await.unwrap();
            assert!(status.success(), "{part:?} ended with {status}");
        }
    }
}

/// What a house's settings name.
pub struct Below<'a> {
    pub listen: String,
    pub url: String,
    pub folder: String,
    pub database: &'a str,
    pub redis: Option<&'a str>,
}

/// `relevo.toml`, with a fresh master key and the simulators as platforms.
pub fn settings_text(below: &Below<'_>, urls: &Urls) -> String {
    let mut key = [0_u8; 32];
    getrandom::fill(&mut key).unwrap();
    let key = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, key);
    let mut all = vec![
        ("listen", below.listen.as_str()),
        ("public_url", &below.url),
        ("data_dir", &below.folder),
        ("database_url", below.database),
        ("master_key", &key),
        ("whatsapp_api", &urls.graph),
        ("messenger_api", &urls.graph),
        ("instagram_api", &urls.graph),
        ("telegram_api", &urls.telegram),
        ("pubnub_origin", &urls.pubnub),
        ("allow_private_network", "on"),
        ("log", LOG),
    ];
    if let Some(redis) = below.redis {
        all.push(("redis_url", redis));
    }
    all.iter().fold(String::new(), |mut text, (name, value)| {
        writeln!(text, "{name} = \"{value}\"").unwrap();
        text
    })
}

impl Drop for House {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        for (name, process) in [
            ("web", &self.web),
            ("worker", &self.worker),
            ("second worker", &self.second),
        ] {
            if let Ok(slot) = process.lock()
                && let Some(process) = slot.as_ref()
            {
                let log = process.log();
                let lines: Vec<&str> = log.lines().collect();
                let tail = &lines[lines.len().saturating_sub(60)..];
                eprintln!("--- {name} said last ---\n{}", tail.join("\n"));
            }
        }
    }
}
