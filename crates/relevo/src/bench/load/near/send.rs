//! Sends what the plan says, and notes what was promised.

use super::super::mark::Mark;
use super::super::verdict::{Notes, percentile_ms};
use super::hook::{Hook, messages, sign, status};
use super::plan::{Job, Kind, Plan};
use super::wire::Wire;
use crate::bench::load::house::{ASKS, Line};
use crate::bench::load::now_us;
use std::time::Duration;

/// About so long is a text, in bytes: the webhook around it has some 800.
const TEXT: usize = 400;
/// Contacts who ask for a person at once.
const ASKING: u32 = 16;

/// What was sent.
#[derive(Default)]
pub(in super::super) struct Sent {
    /// Messages whose webhook was answered 200, each once.
    pub promised: Notes,
    /// From due to answered, of every webhook that was not forged.
    took_us: Vec<u32>,
    /// Webhooks answered otherwise than they ought to be: nothing was promised.
    pub odd: usize,
    /// Webhooks in all.
    pub webhooks: usize,
    /// From the first to the last, in microseconds.
    pub span_us: u64,
}

impl Sent {
    /// A percentile of the time until a webhook was answered, in milliseconds.
    pub fn percentile(&self, percent: f64) -> f64 {
        percentile_ms(&mut self.took_us.clone(), percent)
    }

    /// Adds what others sent meanwhile.
    pub fn join(&mut self, other: Self) {
        self.promised.join(other.promised);
        self.took_us.extend(other.took_us);
        self.odd += other.odd;
        self.webhooks += other.webhooks;
    }
}

/// Sends everything; contacts are spread over the lines.
///
/// # Errors
/// A connection broke.
pub(in super::super) async fn send(
    url: &str,
    lines: &[Line],
    plan: &Plan,
    seed: u64,
) -> anyhow::Result<Sent> {
    let began = now_us();
    let jobs = plan.jobs(seed);
    let scheduled = plan.per_second.is_some();
    let each = jobs.into_iter().map(|jobs| {
        let (url, lines) = (url.to_owned(), lines.to_vec());
        tokio::spawn(async move { one(&url, &lines, jobs, scheduled).await })
    });
    // All of them are running before the first is waited for.
    let each: Vec<_> = each.collect();
    let mut sent = Sent::default();
    for one in each {
        sent.join(one.await??);
    }
    sent.span_us = now_us() - began;
    Ok(sent)
}

async fn one(url: &str, lines: &[Line], jobs: Vec<Job>, scheduled: bool) -> anyhow::Result<Sent> {
    let mut wire = Wire::to(url)?;
    let mut sent = Sent::default();
    for job in jobs {
        let Some(first) = job.marks.first().copied() else {
            continue;
        };
        let line = &lines[first.talk as usize % lines.len()];
        let due_us = if scheduled { first.due_us } else { now_us() };
        let hook = hook(line, &job, due_us)?;
        let ahead = due_us.saturating_sub(now_us());
        if ahead > 0 {
            tokio::time::sleep(Duration::from_micros(ahead)).await;
        }
        let signed = ("x-hub-signature-256", hook.signature.as_str());
        let answered = wire.post(&hook.path, &hook.body, signed).await?;
        let now = now_us();
        sent.webhooks += 1;
        let wanted = if job.kind == Kind::Forged { 401 } else { 200 };
        if answered != wanted {
            sent.odd += 1;
            continue;
        }
        if job.kind == Kind::Forged {
            continue;
        }
        let took = now.saturating_sub(due_us);
        sent.took_us.push(u32::try_from(took).unwrap_or(u32::MAX));
        if job.kind == Kind::Fresh {
            for mark in &job.marks {
                sent.promised.note(Mark { due_us, ..*mark }, now);
            }
        }
    }
    Ok(sent)
}

/// The webhook of a job. What comes again carries the ids of the first time.
fn hook(line: &Line, job: &Job, due_us: u64) -> anyhow::Result<Hook> {
    if job.kind == Kind::Status {
        let about = job.marks.first().copied();
        return sign(line, about.map_or_else(Vec::new, |mark| status(line, mark)));
    }
    // Ids are made of the planned instant, which is the same when it is sent again; the text tells
    // when it was really due.
    let texts: Vec<(Mark, String)> = job
        .marks
        .iter()
        .map(|mark| (*mark, Mark { due_us, ..*mark }.text(TEXT)))
        .collect();
    let mut hook = sign(line, messages(line, &texts))?;
    if job.kind == Kind::Forged {
        let last = if hook.signature.ends_with('0') {
            '1'
        } else {
            '0'
        };
        hook.signature.pop();
        hook.signature.push(last);
    }
    Ok(hook)
}

/// Every contact asks for a person.
///
/// # Errors
/// A connection broke, or somebody was refused.
pub(in super::super) async fn ask(
    url: &str,
    lines: &[Line],
    (from, to): (u32, u32),
) -> anyhow::Result<()> {
    let mut wires = Vec::new();
    for first in from..to.min(from + ASKING) {
        let (url, lines) = (url.to_owned(), lines.to_vec());
        wires.push(tokio::spawn(async move {
            let mut wire = Wire::to(&url)?;
            for talk in (first..to).step_by(ASKING as usize) {
                let line = &lines[talk as usize % lines.len()];
                let mark = Mark {
                    talk,
                    number: 0,
                    due_us: now_us(),
                };
                let hook = sign(line, messages(line, &[(mark, ASKS.to_owned())]))?;
                let signed = ("x-hub-signature-256", hook.signature.as_str());
                let answered = wire.post(&hook.path, &hook.body, signed).await?;
                anyhow::ensure!(answered == 200, "a contact was answered {answered}");
            }
            anyhow::Ok(())
        }));
    }
    for wire in wires {
        wire.await??;
    }
    Ok(())
}

/// Sends so many webhooks that somebody else signed, one after the other; how many were refused.
///
/// # Errors
/// The connection broke.
pub(in super::super) async fn forged(url: &str, line: &Line, count: u32) -> anyhow::Result<u32> {
    let mut wire = Wire::to(url)?;
    let mark = Mark {
        talk: 0,
        number: 1,
        due_us: now_us(),
    };
    let job = Job {
        marks: vec![mark],
        kind: Kind::Forged,
    };
    let hook = hook(line, &job, mark.due_us)?;
    let mut refused = 0;
    for _ in 0..count {
        let signed = ("x-hub-signature-256", hook.signature.as_str());
        refused += u32::from(wire.post(&hook.path, &hook.body, signed).await? == 401);
    }
    Ok(refused)
}
