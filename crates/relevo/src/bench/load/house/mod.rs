//! Relevo's own processes, started from this very binary on a database of their own.

pub(super) mod cpu;
mod people;
mod process;
pub(super) mod sql;

pub(super) use people::{ASKS, Line};
pub(super) use process::Process;

use crate::bench::load::now_us;
use crate::cli::{Cli, Command, Flags};
use crate::parts::Parts;
use crate::settings::Settings;
use anyhow::Context as _;
use cpu::Cpu;
use serde::Serialize;
use sql::Counters;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// How Relevo is deployed.
#[derive(Clone, Debug)]
pub enum Shape {
    /// One process, SQLite, the queue inside.
    Embedded,
    /// Web and worker as processes of their own.
    Production {
        /// A database of a PostgreSQL where others may be made beside it.
        database: String,
        /// A Redis of the benchmark's own; it is emptied.
        redis: String,
    },
}

impl Shape {
    /// What the report calls it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::Production { .. } => "production",
        }
    }

    /// The same with an empty database and an empty Redis.
    ///
    /// # Errors
    /// They refuse.
    pub(super) async fn fresh(&self, name: &str) -> anyhow::Result<Self> {
        Ok(match self {
            Self::Embedded => Self::Embedded,
            Self::Production { database, redis } => {
                sql::empty_redis(redis).await?;
                Self::Production {
                    database: sql::fresh(database, &format!("relevo_bench_{name}")).await?,
                    redis: redis.clone(),
                }
            }
        })
    }
}

/// The house with everything below it.
pub(super) struct House {
    /// Where the web answers.
    pub url: String,
    shape: Shape,
    database: String,
    file: PathBuf,
    processes: Vec<Process>,
    counters: Option<Counters>,
    /// The companies' lines.
    pub lines: Vec<Line>,
}

/// What the house used up between two looks.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct Used {
    /// Processor time of all processes, PostgreSQL's and Redis's included, in microseconds.
    pub cpu_us: u64,
    /// Of that, Relevo's own.
    pub own_us: u64,
    /// Transactions that the database committed; not known of SQLite.
    pub commits: Option<u64>,
    /// Statements that the database was asked; not known of SQLite.
    pub statements: Option<u64>,
    /// How long it was, in microseconds.
    pub wall_us: u64,
}

/// A look at what was used so far.
pub(super) struct Look {
    own: Cpu,
    others: Cpu,
    counted: Option<(u64, u64)>,
    at_us: u64,
}

impl House {
    /// Makes the database and the companies, and starts nothing yet. `far` is where the simulators
    /// answer.
    ///
    /// # Errors
    /// A step failed, in words.
    pub async fn build(
        shape: Shape,
        folder: &Path,
        far: &str,
        companies: usize,
    ) -> anyhow::Result<Self> {
        let listen = process::free_address()?;
        let file = folder.join("relevo.toml");
        std::fs::write(
            &file,
            settings_text(&shape, folder, &listen.to_string(), far)?,
        )?;
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
        let lines = people::companies(&parts, far, companies).await?;
        let counters = match &shape {
            Shape::Embedded => None,
            Shape::Production { database, .. } => Some(Counters::open(database).await?),
        };
        Ok(Self {
            url: format!("http://{listen}"),
            shape,
            database: settings.database.url.expose().to_owned(),
            file,
            processes: Vec::new(),
            counters,
            lines,
        })
    }

    /// Starts what answers HTTP; of the embedded shape that is everything.
    ///
    /// # Errors
    /// It does not become ready.
    pub async fn open(&mut self) -> anyhow::Result<()> {
        let command = match self.shape {
            Shape::Embedded => "all",
            Shape::Production { .. } => "web",
        };
        let address = self.url.trim_start_matches("http://").parse()?;
        let web = Process::start(command, &self.file, address).await?;
        self.processes.push(web);
        Ok(())
    }

    /// Starts a worker, where workers are processes of their own.
    ///
    /// # Errors
    /// It does not become ready.
    pub async fn work(&mut self) -> anyhow::Result<()> {
        if matches!(self.shape, Shape::Production { .. }) {
            let address = process::free_address()?;
            let worker = Process::start("worker", &self.file, address).await?;
            self.processes.push(worker);
        }
        Ok(())
    }

    /// Looks at what was used so far.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn look(&self) -> anyhow::Result<Look> {
        let counted = match &self.counters {
            None => None,
            Some(counters) => Some(counters.read().await?),
        };
        let own = self.processes.iter().map(|p| cpu::of(p.pid())).sum();
        let others = match &self.shape {
            Shape::Embedded => Cpu::default(),
            Shape::Production { redis, .. } => {
                let database = self.counters.as_ref().map_or(0, |it| it.postmaster);
                cpu::of_family(database) + cpu::of(sql::redis_pid(redis).await?)
            }
        };
        Ok(Look {
            own,
            others,
            counted,
            at_us: now_us(),
        })
    }

    /// What was used since a look.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn since(&self, before: &Look) -> anyhow::Result<Used> {
        // The clock first: reading the counters waits until the database has told them.
        let at_us = now_us();
        let now = self.look().await?;
        let own_us = now.own.us.saturating_sub(before.own.us);
        let others = now.others.us.saturating_sub(before.others.us);
        let counted = now.counted.zip(before.counted);
        Ok(Used {
            cpu_us: own_us + others,
            own_us,
            commits: counted.map(|(now, then)| now.0.saturating_sub(then.0)),
            statements: counted.map(|(now, then)| now.1.saturating_sub(then.1)),
            wall_us: at_us.saturating_sub(before.at_us),
        })
    }

    /// Resident memory of Relevo's processes, in kilobytes.
    pub fn resident_kb(&self) -> u64 {
        self.processes
            .iter()
            .map(|p| cpu::resident_kb(p.pid()))
            .sum()
    }

    /// How many messages of contacts are stored.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn stored(&self) -> anyhow::Result<usize> {
        sql::stored(&self.database).await
    }
}

fn settings_text(shape: &Shape, folder: &Path, listen: &str, far: &str) -> anyhow::Result<String> {
    let key = adapters::vault::MasterKeys::generate().context("a key")?;
    let mut all = vec![
        ("listen", listen.to_owned()),
        ("public_url", format!("http://{listen}")),
        ("data_dir", folder.display().to_string()),
        ("master_key", key.as_str().to_owned()),
        ("whatsapp_api", far.to_owned()),
        ("pubnub_origin", far.to_owned()),
        ("allow_private_network", "on".to_owned()),
        ("log", "warn".to_owned()),
    ];
    match shape {
        Shape::Embedded => {
            let file = folder.join("bench.db");
            all.push((
                "database_url",
                format!("sqlite://{}?mode=rwc", file.display()),
            ));
        }
        Shape::Production { database, redis } => {
            all.push(("database_url", database.clone()));
            all.push(("redis_url", redis.clone()));
        }
    }
    let lines = all
        .iter()
        .map(|(name, value)| format!("{name} = \"{value}\"\n"));
    Ok(lines.collect())
}
