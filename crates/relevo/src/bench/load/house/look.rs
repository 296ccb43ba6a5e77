//! What the house used up, of processor time and of the database's patience.

use super::counters::{Counted, Reading};
use super::cpu::{self, Cpu};
use super::{House, Shape, servers};
use crate::bench::load::now_us;

/// What the house used up between two looks.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Used {
    /// Processor time of all processes, PostgreSQL's and Redis's included, in microseconds.
    pub cpu_us: u64,
    /// Of that, Relevo's own.
    pub own_us: u64,
    /// How long it was, in microseconds.
    pub wall_us: u64,
    /// What the database counted, in a somewhat longer time of its own; not known of SQLite.
    pub counted: Option<Counted>,
}

/// What was used until an instant.
pub(in super::super) struct Look {
    spent: Spent,
    counted: Option<Reading>,
}

#[derive(Clone, Copy)]
struct Spent {
    own: Cpu,
    others: Cpu,
    at_us: u64,
}

impl House {
    /// Looks at what was used so far.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn look(&self) -> anyhow::Result<Look> {
        // The counters first: it takes a while until the database has told them.
        let counted = self.counted().await?;
        let spent = self.spent().await?;
        Ok(Look { spent, counted })
    }

    /// What was used since a look.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn since(&self, before: &Look) -> anyhow::Result<Used> {
        let now = self.spent().await?;
        let counted = self.counted().await?.zip(before.counted.clone());
        let own_us = now.own.us.saturating_sub(before.spent.own.us);
        let others = now.others.us.saturating_sub(before.spent.others.us);
        Ok(Used {
            cpu_us: own_us + others,
            own_us,
            wall_us: now.at_us.saturating_sub(before.spent.at_us),
            counted: counted.map(|(now, then)| now.since(&then)),
        })
    }

    async fn counted(&self) -> anyhow::Result<Option<Reading>> {
        Ok(match &self.counters {
            None => None,
            Some(counters) => Some(counters.read().await?),
        })
    }

    async fn spent(&self) -> anyhow::Result<Spent> {
        let others = match &self.shape {
            Shape::Embedded => Cpu::default(),
            Shape::Production { redis, .. } => {
                let database = self.counters.as_ref().map_or(0, |it| it.postmaster);
                cpu::of_family(database) + cpu::of(servers::redis_pid(redis).await?)
            }
        };
        Ok(Spent {
            own: self.running.cpu(),
            others,
            at_us: now_us(),
        })
    }

    /// Resident memory of Relevo's processes, in kilobytes.
    pub fn resident_kb(&self) -> u64 {
        self.running.sum(cpu::resident_kb)
    }

    /// The most that was ever resident, in kilobytes.
    pub fn most_resident_kb(&self) -> u64 {
        self.running.sum(cpu::most_resident_kb)
    }
}
