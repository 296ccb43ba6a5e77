//! Processor time and memory of processes, from `/proc` (proc(5)).

use std::iter::Sum;
use std::ops::Add;
use std::process::Command;
use std::sync::OnceLock;

/// Processor time, of user and system together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Cpu {
    /// Microseconds, in steps of the system's tick.
    pub us: u64,
}

impl Add for Cpu {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            us: self.us + other.us,
        }
    }
}

impl Sum for Cpu {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Add::add)
    }
}

/// Microseconds of a tick.
fn tick_us() -> u64 {
    static TICK: OnceLock<u64> = OnceLock::new();
    *TICK.get_or_init(|| {
        let told = Command::new("getconf").arg("CLK_TCK").output();
        let text = told.map(|it| String::from_utf8_lossy(&it.stdout).into_owned());
        let ticks: u64 = text
            .ok()
            .and_then(|it| it.trim().parse().ok())
            .unwrap_or(100);
        1_000_000 / ticks.max(1)
    })
}

/// What a process used; its children that ended are counted only with [`of_family`].
pub(in super::super) fn of(pid: u32) -> Cpu {
    let [user, system, ..] = times(pid).unwrap_or_default();
    Cpu {
        us: (user + system) * tick_us(),
    }
}

/// What a process, its children and those children that ended used: PostgreSQL has a process per
/// connection.
pub(in super::super) fn of_family(parent: u32) -> Cpu {
    if parent == 0 {
        return Cpu::default();
    }
    let [user, system, gone_user, gone_system] = times(parent).unwrap_or_default();
    let own = Cpu {
        us: (user + system + gone_user + gone_system) * tick_us(),
    };
    own + children(parent).into_iter().map(of).sum()
}

/// `utime`, `stime`, `cutime`, `cstime`, in ticks.
fn times(pid: u32) -> Option<[u64; 4]> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name stands in brackets and may hold anything.
    let (_, behind) = text.rsplit_once(')')?;
    let fields: Vec<&str> = behind.split_whitespace().collect();
    let at = |n: usize| fields.get(n).and_then(|it| it.parse().ok());
    Some([at(11)?, at(12)?, at(13)?, at(14)?])
}

fn children(parent: u32) -> Vec<u32> {
    let Ok(all) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    all.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|pid| parent_of(*pid) == Some(parent))
        .collect()
}

fn parent_of(pid: u32) -> Option<u32> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, behind) = text.rsplit_once(')')?;
    behind.split_whitespace().nth(1)?.parse().ok()
}

/// Resident memory in kilobytes.
pub(in super::super) fn resident_kb(pid: u32) -> u64 {
    told_kb(pid, "VmRSS:")
}

/// The most that was ever resident, in kilobytes.
pub(in super::super) fn most_resident_kb(pid: u32) -> u64 {
    told_kb(pid, "VmHWM:")
}

fn told_kb(pid: u32, what: &str) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(what));
    let number = line.and_then(|it| it.split_whitespace().next()?.parse().ok());
    number.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_time_and_memory_are_found() {
        let me = std::process::id();
        let mut sum = 0_u64;
        while of(me).us == 0 {
            sum = (0..1_000_000_u64).fold(sum, u64::wrapping_add);
        }
        assert!(resident_kb(me) > 1_000, "{sum}");
        assert_eq!(of(u32::MAX), Cpu::default(), "nobody used nothing");
    }
}
