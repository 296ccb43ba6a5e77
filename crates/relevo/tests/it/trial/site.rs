//! Relevo in production's shape: PostgreSQL, Redis, two web and two worker processes behind one
//! address, several companies. Whatever dies is started again, as an orchestrator would.

use super::dice::Dice;
use super::seat::{Chair, Recipe, keep, tail};
pub use super::seat::{Ground, Seat};
use crate::house::{Below, settings_text};
use crate::wait::soon;
use domain::channel::ChannelKind;
use relevo::Parts;
use relevo::cli::{Cli, Command, Flags};
use relevo::demo::{Company, company};
use relevo::settings::Settings;
use sandbox::{Sandbox, SandboxPorts};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use testkit::{
    Disk, Gate, PostgresServer, Power, RedisServer, RelevoProcess, TestDatabase, free_port,
};

const READY: Duration = Duration::from_secs(120);
const STOP: Duration = Duration::from_secs(60);

/// The platforms of every company's lines.
pub const KINDS: [ChannelKind; 3] = [
    ChannelKind::Telegram,
    ChannelKind::WhatsApp,
    ChannelKind::Messenger,
];

/// The processes and what stands below them; all of it goes when this value goes.
pub struct Site {
    pub sandbox: Sandbox,
    pub parts: Parts,
    pub companies: Vec<Company>,
    pub redis: Mutex<RedisServer>,
    pub postgres: Option<PostgresServer>,
    pub standby: Option<PostgresServer>,
    pub disk: Option<Disk>,
    pub power: Option<Power>,
    pub database_gate: Option<Gate>,
    pub redis_gate: Option<Gate>,
    pub database_url: String,
    _public: Gate,
    chairs: Arc<[Chair; 4]>,
    recipe: Arc<Recipe>,
    keeper: tokio::task::JoinHandle<()>,
    _database: Option<TestDatabase>,
    _folder: TempDir,
}

fn port_of(url: &str) -> SocketAddr {
    let url = url::Url::parse(url).unwrap();
    SocketAddr::from(([127, 0, 0, 1], url.port().unwrap()))
}

fn with_port(url: &str, port: u16) -> String {
    let mut url = url::Url::parse(url).unwrap();
    url.set_port(Some(port)).unwrap();
    url.into()
}

fn settings(file: &Path) -> Settings {
    let flags = Flags {
        config: Some(file.to_owned()),
        ..Flags::default()
    };
    let command = Command::All;
    Settings::load(&Cli { command, flags }).unwrap()
}

impl Site {
    /// Builds and opens everything, with its companies listening.
    pub async fn open(ground: Ground) -> Self {
        let sandbox = Sandbox::start(SandboxPorts::default()).await.unwrap();
        sandbox.services.graph.hooks.set_retry_scale(0.01);
        sandbox.services.telegram.hooks.set_retry_scale(0.01);
        let own = ground.own_postgres || ground.standby || ground.disk || ground.power;
        let disk = ground.disk.then(|| Disk::new().unwrap());
        let power = ground.power.then(|| Power::new().unwrap());
        let postgres = own.then(|| {
            let started = match (&disk, &power) {
                (Some(disk), _) => PostgresServer::start_on(|data| disk.environment(data)),
                (_, Some(power)) => PostgresServer::start_on(|data| power.environment(data)),
                _ => PostgresServer::start(),
            };
            started.unwrap()
        });
        let database = match own {
            true => None,
            false => Some(TestDatabase::empty().await.unwrap()),
        };
        let mut database_url = match (&postgres, &database) {
            (Some(server), _) => server.url(),
            (_, Some(database)) => database.url(),
            _ => unreachable!(),
        };
        let standby = postgres
            .as_ref()
            .filter(|_| ground.standby)
            .map(|it| it.standby().unwrap());
        let redis = RedisServer::start().unwrap();
        let mut redis_url = redis.url();
        let (mut database_gate, mut redis_gate) = (None, None);
        if ground.gates || ground.standby {
            let gate = Gate::open(&[port_of(&database_url)]).await.unwrap();
            database_url = with_port(&database_url, gate.address().port());
            database_gate = Some(gate);
            let gate = Gate::open(&[port_of(&redis_url)]).await.unwrap();
            redis_url = with_port(&redis_url, gate.address().port());
            redis_gate = Some(gate);
        }
        let chairs = Arc::new(Seat::ALL.map(|seat| Chair {
            seat,
            listen: SocketAddr::from(([127, 0, 0, 1], free_port())),
            process: Mutex::default(),
            wanted: AtomicBool::new(true),
            deaths: AtomicUsize::default(),
            past: Mutex::default(),
        }));
        let public = Gate::open(&[chairs[0].listen, chairs[1].listen])
            .await
            .unwrap();
        let folder = TempDir::with_prefix("relevo-site-").unwrap();
        let file = folder.path().join("relevo.toml");
        let url = format!("http://{}", public.address());
        let below = Below {
            listen: chairs[0].listen.to_string(),
            url: url.clone(),
            folder: folder.path().display().to_string(),
            database: &database_url,
            redis: Some(&redis_url),
        };
        std::fs::write(&file, settings_text(&below, &sandbox.urls)).unwrap();
        let parts = Parts::build(&settings(&file)).await.unwrap();
        parts.store.migrate().await.unwrap();
        let recipe = Arc::new(Recipe {
            file: file.display().to_string(),
            folder: folder.path().to_owned(),
            ground,
            armed: AtomicBool::new(false),
        });
        let mut starting = Vec::new();
        for chair in chairs.iter() {
            let mut process = recipe.start(chair);
            starting.push(async move {
                process.ready(READY).await.unwrap();
                *chair.process.lock().unwrap() = Some(process);
            });
        }
        futures::future::join_all(starting).await;
        let keeper = tokio::spawn(keep(Arc::clone(&chairs), Arc::clone(&recipe)));
        let mut companies = Vec::new();
        for n in 0..ground.companies.max(2) {
            let (name, email) = (format!("Café {n}"), format!("camila{n}@austral.test"));
            let made = company(&parts, &sandbox, &url, &name, &email, &KINDS).await;
            companies.push(made.unwrap());
        }
        let site = Self {
            sandbox,
            parts,
            companies,
            redis: Mutex::new(redis),
            postgres,
            standby,
            disk,
            power,
            database_gate,
            redis_gate,
            database_url,
            _public: public,
            chairs,
            recipe,
            keeper,
            _database: database,
            _folder: folder,
        };
        for company in &site.companies {
            let letstalk = &site.sandbox.services.letstalk;
            let online = || {
                let account = letstalk.account(company.organization)?;
                account.agents.first()?.online.then_some(())
            };
            soon("subscription", online, || site.logs()).await;
        }
        site
    }

    /// From now on processes are started with their `RELEVO_FAULT`; those that run are started
    /// again so that they have it.
    pub async fn arm(&self, seats: &[Seat]) {
        self.recipe.armed.store(true, Ordering::SeqCst);
        for seat in seats {
            self.roll(*seat).await;
        }
    }

    /// Whether processes of this seat are started with a fault.
    pub fn has_fault(&self, seat: Seat) -> bool {
        self.recipe.fault_of(seat).is_some()
    }

    /// Whether a process of this seat has met its fault.
    pub fn has_struck(&self, seat: Seat) -> bool {
        let process = self.chair(seat).process.lock().unwrap();
        let log = process.as_ref().map(RelevoProcess::log).unwrap_or_default();
        log.contains("fault point") || self.deaths(seat) > 0
    }

    fn chair(&self, seat: Seat) -> &Chair {
        self.chairs.iter().find(|it| it.seat == seat).unwrap()
    }

    /// `kill -9`; it is started again.
    pub fn kill(&self, seat: Seat) {
        let chair = self.chair(seat);
        if let Some(process) = chair.process.lock().unwrap().as_mut() {
            process.kill9().unwrap();
        }
    }

    /// How often a process has died.
    pub fn deaths(&self, seat: Seat) -> usize {
        self.chair(seat).deaths.load(Ordering::SeqCst)
    }

    /// SIGSTOP; one that has just died stands still already.
    pub fn pause(&self, seat: Seat) {
        self.living(seat, RelevoProcess::pause);
    }

    pub fn resume(&self, seat: Seat) {
        self.living(seat, RelevoProcess::resume);
    }

    fn living(&self, seat: Seat, order: fn(&RelevoProcess) -> anyhow::Result<()>) {
        let mut process = self.chair(seat).process.lock().unwrap();
        if let Some(process) = process.as_mut()
            && process.ended().unwrap().is_none()
        {
            order(process).unwrap();
        }
    }

    /// SIGTERM, which it must obey with success once it has begun its work; then a new one takes its
    /// place.
    pub async fn roll(&self, seat: Seat) {
        let chair = self.chair(seat);
        chair.wanted.store(false, Ordering::SeqCst);
        let process = chair.process.lock().unwrap().take();
        if let Some(mut process) = process
            && process.ready(READY).await.is_ok()
        {
            let status = process.stop(STOP).await.unwrap();
            assert!(status.success(), "{seat:?} ended with {status}");
        }
        let mut process = self.recipe.start(chair);
        process.ready(READY).await.unwrap();
        *chair.process.lock().unwrap() = Some(process);
        chair.wanted.store(true, Ordering::SeqCst);
    }

    /// The master keys with which processes are started from now on, as in `RELEVO_MASTER_KEY`.
    pub fn master_keys(&self, list: &str) {
        let text = std::fs::read_to_string(&self.recipe.file).unwrap();
        let lines = text.lines().map(|line| match line.split_once(" = ") {
            Some(("master_key", _)) => format!("master_key = \"{list}\"\n"),
            _ => format!("{line}\n"),
        });
        std::fs::write(&self.recipe.file, lines.collect::<String>()).unwrap();
    }

    /// The master key with which processes are started.
    pub fn master_key(&self) -> String {
        let text = std::fs::read_to_string(&self.recipe.file).unwrap();
        let line = text.lines().find_map(|l| l.strip_prefix("master_key = "));
        line.unwrap().trim_matches('"').to_owned()
    }

    /// `relevo migrate`, which must succeed.
    pub async fn migrate(&self) {
        let done = tokio::process::Command::new(env!("CARGO_BIN_EXE_relevo"))
            .args(["migrate", "--config", &self.recipe.file])
            .output()
            .await
            .unwrap();
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(done.status.success(), "migrate: {said}");
    }

    /// Puts processes' clocks wrong by so many milliseconds.
    pub fn clocks_wrong_by(&self, seats: &[Seat], ms: i64) {
        for seat in seats {
            std::fs::write(self.recipe.clock(*seat), ms.to_string()).unwrap();
        }
    }

    /// A connection to Redis, if it answers.
    pub fn redis_connection(&self) -> Option<redis::Connection> {
        let url = self.redis.lock().unwrap().url();
        let client = redis::Client::open(url).unwrap();
        client
            .get_connection_with_timeout(Duration::from_secs(2))
            .ok()
    }

    /// Carries out a statement of Redis; what it answers does not matter.
    pub fn redis_says(&self, words: &[&str]) {
        if let Some(mut connection) = self.redis_connection() {
            let mut command = redis::cmd(words[0]);
            for word in &words[1..] {
                command.arg(word);
            }
            let _ = command.query::<redis::Value>(&mut connection);
        }
    }

    /// The rows of a query of one column of text, past Relevo.
    pub async fn column(&self, text: &str) -> Vec<String> {
        use sea_orm::{ConnectionTrait as _, Database, DbBackend, Statement};
        let database = Database::connect(self.database_url.as_str()).await.unwrap();
        let statement = Statement::from_string(DbBackend::Postgres, text);
        let rows = database.query_all_raw(statement).await.unwrap();
        let all = rows.iter().map(|row| row.try_get_by_index(0).unwrap());
        let all = all.collect();
        database.close().await.unwrap();
        all
    }

    /// Changes rows past Relevo.
    pub async fn sql(&self, text: &str) -> u64 {
        use sea_orm::ConnectionTrait as _;
        let database = sea_orm::Database::connect(self.database_url.as_str())
            .await
            .unwrap();
        let done = database.execute_unprepared(text).await.unwrap();
        database.close().await.unwrap();
        done.rows_affected()
    }

    /// A process that answers, chosen by chance.
    pub fn any(&self, dice: &Dice) -> Seat {
        dice.pick(&Seat::ALL)
    }

    /// The last words of all processes.
    pub fn logs(&self) -> String {
        let told = |chair: &Chair| {
            let process = chair.process.lock().unwrap();
            let log = process.as_ref().map(RelevoProcess::log).unwrap_or_default();
            let past = chair.past.lock().unwrap();
            let (past, log) = (tail(&past, 40), tail(&log, 30));
            format!("--- {:?} said last ---\n{past}\n{log}\n", chair.seat)
        };
        self.chairs.iter().map(told).collect()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}
