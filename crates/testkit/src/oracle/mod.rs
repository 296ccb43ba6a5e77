//! The judge of a run: joins what was said with what the other sides received, after all is quiet.
//!
//! It knows nothing of the product and reads none of its counters. Every word that is said carries
//! a [`Mark`]: who said it in which talk, and as which one. Whatever arrives is compared with it:
//! did it arrive at all, once, in order, whole, and at the right place?
//!
//! ```text
//! sender's ledger (Said) ─┐
//! receivers' ledgers      ├─▶ Books::judge ─▶ Verdict
//!   (Arrived) ────────────┘
//! ```

mod judge;
mod mark;

pub use judge::{Books, Verdict};
pub use mark::{Mark, Way};

/// A line of the sender's ledger.
#[derive(Clone, Debug)]
pub struct Said {
    /// Who, where, as which one.
    pub mark: Mark,
    /// The exact words.
    pub text: String,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
    /// Whether the platform had the 200 for it: only then it was promised to anybody.
    pub taken: bool,
}

/// A line of a receiver's ledger.
#[derive(Clone, Debug)]
pub struct Arrived {
    /// Which way it came.
    pub way: Way,
    /// The receiver's account: an organization, a phone number id, a page, a bot.
    pub account: String,
    /// The thread within it.
    pub thread: String,
    /// The sender's identity of it, as far as the receiver could know a repetition by it.
    pub identity: Option<String>,
    /// The exact words.
    pub text: String,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
}

/// Where the words of a talk may arrive.
#[derive(Clone, Debug)]
pub struct Place {
    /// The account.
    pub account: String,
    /// The thread, where it is known beforehand.
    pub thread: Option<String>,
    /// Whether the platform offers no way to tell that a send arrived whose answer was lost, so
    /// that it may arrive twice (Telegram).
    pub loose: bool,
}
