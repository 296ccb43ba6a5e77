//! The places of processes: how each is started, and started again.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use testkit::RelevoProcess;

const BINARY: &str = env!("CARGO_BIN_EXE_relevo");

/// The place of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seat {
    WebA,
    WebB,
    WorkerA,
    WorkerB,
}

impl Seat {
    pub const ALL: [Self; 4] = [Self::WebA, Self::WebB, Self::WorkerA, Self::WorkerB];
    pub const WORKERS: [Self; 2] = [Self::WorkerA, Self::WorkerB];

    fn command(self) -> &'static str {
        match self {
            Self::WebA | Self::WebB => "web",
            Self::WorkerA | Self::WorkerB => "worker",
        }
    }
}

/// What a site stands on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ground {
    /// A PostgreSQL of its own, to be mistreated.
    pub own_postgres: bool,
    /// That one on a disk to be mistreated.
    pub disk: bool,
    /// That one on a disk whose power can fail.
    pub power: bool,
    /// That one followed by a standby.
    pub standby: bool,
    /// Database and Redis are reached through gates.
    pub gates: bool,
    /// `RELEVO_FAULT` of the processes until each has died once, by command.
    pub web_fault: Option<&'static str>,
    pub worker_fault: Option<&'static str>,
    /// Open files that a process may have; 0 = as many as we.
    pub files: u32,
    /// Companies; 0 = two.
    pub companies: usize,
}

impl Ground {
    /// What stands when nothing is asked for.
    pub const PLAIN: Self = Self {
        own_postgres: false,
        disk: false,
        power: false,
        standby: false,
        gates: false,
        web_fault: None,
        worker_fault: None,
        files: 0,
        companies: 0,
    };
}

pub struct Chair {
    pub seat: Seat,
    pub listen: SocketAddr,
    pub process: Mutex<Option<RelevoProcess>>,
    /// Whether it is to be started again when it ends.
    pub wanted: AtomicBool,
    pub deaths: AtomicUsize,
    /// What those before it said.
    pub past: Mutex<String>,
}

/// How processes are started.
pub struct Recipe {
    pub file: String,
    pub folder: PathBuf,
    pub ground: Ground,
    /// While set, `RELEVO_FAULT` is handed out.
    pub armed: AtomicBool,
}

impl Recipe {
    /// The file that says by how much a process's clock is wrong.
    pub fn clock(&self, seat: Seat) -> PathBuf {
        self.folder.join(format!("clock-{seat:?}"))
    }

    pub fn fault_of(&self, seat: Seat) -> Option<&'static str> {
        match seat {
            Seat::WebA | Seat::WebB => self.ground.web_fault,
            Seat::WorkerA | Seat::WorkerB => self.ground.worker_fault,
        }
    }

    pub fn start(&self, chair: &Chair) -> RelevoProcess {
        let address = chair.listen.to_string();
        let arguments = [
            chair.seat.command(),
            "--config",
            &self.file,
            "--listen",
            &address,
        ];
        let fault = self.fault_of(chair.seat);
        let armed = self.armed.load(Ordering::SeqCst) && chair.deaths.load(Ordering::SeqCst) == 0;
        let clock = self.clock(chair.seat).display().to_string();
        let mut environment = vec![("RELEVO_FAULT_CLOCK", clock.as_str())];
        environment.extend(fault.filter(|_| armed).map(|it| ("RELEVO_FAULT", it)));
        let files = self.ground.files;
        if files > 0 {
            let line = format!("ulimit -n {files}; exec \"$0\" \"$@\"");
            let mut limited = vec!["-c", &line, BINARY];
            limited.extend(arguments);
            return RelevoProcess::start_at(chair.listen, "/bin/sh", &limited, &environment)
                .unwrap();
        }
        RelevoProcess::start_at(chair.listen, BINARY, &arguments, &environment).unwrap()
    }
}

/// Starts again whatever ended.
pub async fn keep(chairs: Arc<[Chair; 4]>, recipe: Arc<Recipe>) {
    loop {
        for chair in chairs.iter() {
            if !chair.wanted.load(Ordering::SeqCst) {
                continue;
            }
            let mut process = chair.process.lock().unwrap();
            let ended = process.as_mut().map(|it| it.ended().unwrap());
            if let Some(Some(status)) = ended {
                let log = process.as_ref().map(RelevoProcess::log).unwrap_or_default();
                let mut past = chair.past.lock().unwrap();
                *past += &format!("{}\nended with {status}\n", tail(&log, 12));
                chair.deaths.fetch_add(1, Ordering::SeqCst);
                *process = Some(recipe.start(chair));
            }
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}

/// The last lines.
pub fn tail(log: &str, lines: usize) -> String {
    let all: Vec<&str> = log.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}
