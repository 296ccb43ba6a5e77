//! Named steps at which a process can be made to die, hang or meet a defect.
//!
//! Only a build with the feature `faults` listens; it is switched on by the end-to-end tests
//! (`crates/relevo`, as a development dependency) and never in what is shipped, where
//! [`point`] is empty. `scripts/check-direction` asserts that.
//!
//! ```text
//! RELEVO_FAULT=after_store:abort@7             the seventh time, once
//! RELEVO_FAULT=after_call:pause=3000@2,before_wake:abort@5
//! RELEVO_FAULT=before_call:stand=4000@9        the whole process stands still for so long
//! RELEVO_FAULT_CLOCK=/path/to/file             holds milliseconds by which the clock is wrong
//! ```

/// A step of a message's way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// A webhook is stored and its 200 not yet sent.
    AfterStore,
    /// All of a transaction is written and nothing committed.
    BeforeCommit,
    /// It is committed (and perhaps acknowledged) and the queue does not know yet.
    BeforeWake,
    /// A request is about to leave.
    BeforeCall,
    /// An upstream has answered a try and the result is not stored.
    AfterCall,
    /// The realtime stream has answered and nothing of it is stored.
    AfterPoll,
    /// Its events and its cursor are stored and the next poll is not out.
    AfterCursor,
}

impl Point {
    /// The name in `RELEVO_FAULT`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AfterStore => "after_store",
            Self::BeforeCommit => "before_commit",
            Self::BeforeWake => "before_wake",
            Self::BeforeCall => "before_call",
            Self::AfterCall => "after_call",
            Self::AfterPoll => "after_poll",
            Self::AfterCursor => "after_cursor",
        }
    }
}

/// Passes a point: nothing, unless this is a build for the fault suite and the environment names
/// the point.
#[cfg(not(feature = "faults"))]
#[inline(always)]
pub fn point(_: Point) {}

#[cfg(feature = "faults")]
pub use armed::{clock_error_ms, point};

#[cfg(feature = "faults")]
mod armed {
    use super::Point;
    use std::collections::HashMap;
    use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
    use std::sync::{LazyLock, OnceLock};
    use std::time::Duration;

    #[derive(Clone, Copy)]
    enum Harm {
        Abort,
        Panic,
        Pause(Duration),
        Stand(Duration),
    }

    struct Trap {
        harm: Harm,
        at: u64,
        passed: AtomicU64,
    }

    static TRAPS: LazyLock<HashMap<String, Trap>> = LazyLock::new(|| {
        let text = std::env::var("RELEVO_FAULT").unwrap_or_default();
        text.split(',').filter_map(trap).collect()
    });

    /// `name:harm@count`.
    fn trap(text: &str) -> Option<(String, Trap)> {
        let (name, rest) = text.trim().split_once(':')?;
        let (harm, at) = rest.split_once('@').unwrap_or((rest, "1"));
        let harm = match harm.split_once('=') {
            Some(("pause", ms)) => Harm::Pause(Duration::from_millis(ms.parse().ok()?)),
            Some(("stand", ms)) => Harm::Stand(Duration::from_millis(ms.parse().ok()?)),
            _ if harm == "abort" => Harm::Abort,
            _ if harm == "panic" => Harm::Panic,
            _ => return None,
        };
        let trap = Trap {
            harm,
            at: at.parse().ok()?,
            passed: AtomicU64::new(0),
        };
        Some((name.to_owned(), trap))
    }

    /// Passes a point.
    ///
    /// # Panics
    /// When the environment says so.
    pub fn point(point: Point) {
        let Some(trap) = TRAPS.get(point.name()) else {
            return;
        };
        if trap.passed.fetch_add(1, Ordering::SeqCst) + 1 != trap.at {
            return;
        }
        eprintln!("fault point {} strikes", point.name());
        match trap.harm {
            Harm::Abort => std::process::abort(),
            Harm::Panic => std::panic::panic_any("a defect by the fault suite"),
            // The whole thread: as a process that the machine does not let run.
            Harm::Pause(span) => std::thread::sleep(span),
            Harm::Stand(span) => stand_still(span),
        }
    }

    /// Stops all threads at once, as a machine does that is moved; somebody else has to wake us up.
    fn stand_still(span: Duration) {
        let (own, seconds) = (std::process::id(), span.as_secs_f64());
        let orders = format!("kill -STOP {own}; sleep {seconds}; kill -CONT {own}");
        match std::process::Command::new("sh")
            .args(["-c", &orders])
            .spawn()
        {
            Ok(mut waker) => drop(waker.wait()),
            Err(error) => eprintln!("cannot stand still: {error}"),
        }
    }

    /// By how much the machine's clock is wrong, in milliseconds.
    pub fn clock_error_ms() -> i64 {
        static ERROR: AtomicI64 = AtomicI64::new(0);
        static READER: OnceLock<()> = OnceLock::new();
        READER.get_or_init(|| {
            let Ok(file) = std::env::var("RELEVO_FAULT_CLOCK") else {
                return;
            };
            std::thread::spawn(move || {
                loop {
                    let text = std::fs::read_to_string(&file).unwrap_or_default();
                    ERROR.store(text.trim().parse().unwrap_or(0), Ordering::Relaxed);
                    std::thread::sleep(Duration::from_millis(50));
                }
            });
        });
        ERROR.load(Ordering::Relaxed)
    }
}
