//! The names of everything in Redis.
//!
//! | key | what |
//! |---|---|
//! | `<prefix>:{work.0}:stream` | stream of wake-ups (`w`) and nudges (`n`), group `workers` |
//! | `<prefix>:{work.0}:waiting` | hash: lane → id of its entry that nobody has taken |
//! | `<prefix>:{work.0}:due` | sorted set: `<ms>\|<lane>` by due instant in ms |
//! | `<prefix>:{crew}:alive` | sorted set: living worker → instant in ms until which it counts as living |
//! | `<prefix>:{crew}:members` | hash: living worker → `<joined>\|<working or draining>` |
//! | `<prefix>:{crew}:state` | hash: `epoch`, `heard` (the last sign of anybody), `settled` (from when) |
//! | `<prefix>:topic:<topic>` | pub/sub channel of live updates |
//!
//! What one script touches shares a hash tag (the part in braces), so it lies on one node of a
//! cluster. `0` is the shard: today there is one; a cluster takes several, chosen by a hash of
//! the conversation, and a worker reads them all.

/// The consumer group of all workers.
pub(super) const GROUP: &str = "workers";

/// Key names of one deployment.
#[derive(Clone, Debug)]
pub(super) struct Keys {
    prefix: String,
    /// The workers that live: `alive`, `members`, `state`.
    pub(super) crew: [String; 3],
    /// Stream of wake-ups.
    pub(super) stream: String,
    /// Untaken lanes.
    pub(super) waiting: String,
    /// Delayed wake-ups.
    pub(super) due: String,
}

impl Keys {
    /// Names under `prefix`.
    pub(super) fn new(prefix: &str) -> Self {
        Self {
            stream: format!("{prefix}:{{work.0}}:stream"),
            waiting: format!("{prefix}:{{work.0}}:waiting"),
            due: format!("{prefix}:{{work.0}}:due"),
            crew: ["alive", "members", "state"].map(|what| format!("{prefix}:{{crew}}:{what}")),
            prefix: prefix.to_owned(),
        }
    }

    /// The channel of a topic.
    pub(super) fn topic(&self, topic: &str) -> String {
        format!("{}:topic:{topic}", self.prefix)
    }
}
