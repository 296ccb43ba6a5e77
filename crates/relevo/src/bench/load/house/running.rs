//! The processes that run, and what those that do not any more have used.

use super::cpu::{self, Cpu};
use super::process::Process;
use crate::bench::load::near::Wire;
use anyhow::Context as _;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The gauge in which a worker tells how many companies it holds.
const HELD: &str = "relevo_subscriptions_running ";

#[derive(Default)]
struct Processes {
    web: Vec<Process>,
    workers: Vec<Process>,
    /// Processor time of those that ended.
    gone: Cpu,
}

/// Relevo's processes.
#[derive(Default)]
pub(super) struct Running(Mutex<Processes>);

impl Running {
    fn lock(&self) -> MutexGuard<'_, Processes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn add_web(&self, process: Process) {
        self.lock().web.push(process);
    }

    pub fn add_worker(&self, process: Process) {
        self.lock().workers.push(process);
    }

    /// Takes the worker out that has run longest.
    pub fn take_worker(&self) -> Option<Process> {
        let mut all = self.lock();
        if all.workers.is_empty() {
            return None;
        }
        let worker = all.workers.remove(0);
        all.gone = all.gone + cpu::of(worker.pid());
        Some(worker)
    }

    /// How many companies each worker holds; a worker that does not answer, none.
    pub async fn held(&self) -> Vec<usize> {
        let urls: Vec<String> = self.lock().workers.iter().map(Process::url).collect();
        let mut all = Vec::with_capacity(urls.len());
        for url in urls {
            all.push(held(&url).await.unwrap_or(0));
        }
        all
    }

    /// Processor time of all of them, also of those that ended.
    pub fn cpu(&self) -> Cpu {
        let all = self.lock();
        let running = all.web.iter().chain(&all.workers);
        running.map(|process| cpu::of(process.pid())).sum::<Cpu>() + all.gone
    }

    /// Adds something up over those that run.
    pub fn sum(&self, figure: impl Fn(u32) -> u64) -> u64 {
        let all = self.lock();
        let running = all.web.iter().chain(&all.workers);
        running.map(|process| figure(process.pid())).sum()
    }
}

async fn held(worker: &str) -> anyhow::Result<usize> {
    let page = Wire::to(worker)?.get("/metrics").await?;
    let page = String::from_utf8_lossy(&page);
    let told = page.lines().find_map(|line| line.strip_prefix(HELD));
    Ok(told.context("it does not tell")?.trim().parse()?)
}
