//! How much is sent.

use std::time::Duration;

/// How much of everything.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    /// Stretches of measuring, each with its primitives before it.
    pub blocks: u32,
    /// How long a stretch with a schedule lasts, in seconds.
    pub seconds: u32,
    /// Contacts who talk with a person.
    pub talks: u32,
    /// W1: webhooks of a stretch without a schedule.
    pub webhooks: u32,
    /// W2: messages of a stretch without a schedule.
    pub relayed: u32,
    /// W2: messages a second.
    pub paced: &'static [u32],
    /// W3: companies, and contacts who talk with a person.
    pub spoken_to: (usize, u32),
    /// W3, W4: messages a second, both ways together.
    pub mixed: u32,
    /// W4: companies, from few to many; see [`Size::companies`].
    companies: &'static [usize],
    /// W4: companies beside a busy one or beside broken desks.
    pub beside: usize,
    /// W5: messages that wait.
    pub backlog: u32,
    /// W6: messages in the database.
    pub stored: u32,
    /// W7: companies on which nothing happens.
    pub listeners: usize,
    /// W7: the same over TLS.
    pub listeners_over_tls: usize,
    /// W7: how long nothing is waited for first, and how long is then measured.
    pub idle: (Duration, Duration),
    /// W9: companies that several workers share, and contacts who talk with a person.
    pub shared_out: (usize, u32),
    /// Longest time without any progress.
    pub patience: Duration,
    /// Longest time of a workload.
    pub longest: Duration,
}

/// Open files that a process takes for five companies: each one's subscription, and for a while a second
/// connection that was begun while the first was on its way back.
const FILES_FOR_FIVE: usize = 12;
/// Open files that the simulators take for a company over TLS: what stands before them decrypts.
const FILES_OVER_TLS: usize = 4;

impl Size {
    /// No more companies than this many open files allow.
    pub fn within(mut self, open_files: Option<usize>) -> Self {
        if let Some(files) = open_files {
            self.listeners = self.listeners.min(files / FILES_FOR_FIVE * 5);
            self.listeners_over_tls = self.listeners_over_tls.min(files / FILES_OVER_TLS);
        }
        self
    }

    /// W4: companies, from few to many.
    pub fn companies(&self) -> impl Iterator<Item = usize> {
        let most = self.listeners;
        self.companies.iter().map(move |many| *many.min(&most))
    }
}

/// How many files this process may have open, where the system tells.
pub(super) fn open_files() -> Option<usize> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// A measurement.
pub(super) const WHOLE: Size = Size {
    blocks: 5,
    seconds: 10,
    talks: 2_000,
    webhooks: 12_000,
    relayed: 6_000,
    paced: &[500, 2_000],
    spoken_to: (1_000, 4_000),
    mixed: 500,
    companies: &[1, 1_000, 10_000],
    beside: 200,
    backlog: 120_000,
    stored: 1_000_000,
    listeners: 10_000,
    listeners_over_tls: 10_000,
    idle: (Duration::from_secs(10), Duration::from_secs(60)),
    shared_out: (2_000, 2_000),
    patience: Duration::from_secs(120),
    longest: Duration::from_secs(3_600),
};

/// For the counts, not for the times.
pub(super) const QUICK: Size = Size {
    blocks: 1,
    seconds: 1,
    talks: 16,
    webhooks: 200,
    relayed: 150,
    paced: &[100],
    spoken_to: (5, 20),
    mixed: 100,
    companies: &[1, 8],
    beside: 20,
    backlog: 200,
    stored: 3_000,
    listeners: 20,
    listeners_over_tls: 20,
    idle: (Duration::from_millis(200), Duration::from_secs(1)),
    shared_out: (40, 40),
    patience: Duration::from_secs(120),
    longest: Duration::from_secs(240),
};
