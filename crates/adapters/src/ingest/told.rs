//! What a commit tells the traces of its messages. It is gathered in the transaction and told after
//! the commit, so that nothing is told of what was undone.

use super::submission::Submission;
use super::unit::Unit;
use crate::telemetry::traces::{self, Hop, Kind};
use domain::channel::ChannelKind;
use domain::ids::{ConversationId, MessageId, RuleId, TenantId};
use domain::message::Author;
use domain::time::Timestamp;

/// When and how a submission came; known only while traces are kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Came {
    how: &'static str,
    /// Somebody outside began to tell us.
    since: Timestamp,
    /// It was handed to ingest.
    submitted: Timestamp,
}

impl Came {
    /// Just now; `since` is when it reached this process, if that was known earlier.
    pub(super) fn now(submission: &Submission, since: Option<Timestamp>) -> Option<Self> {
        let submitted = traces::now()?;
        let how = match submission {
            Submission::Webhook(_) => "webhook",
            Submission::Desk(_) => "realtime",
            Submission::BotSays(_) | Submission::BotSaid(_) => "bot",
            Submission::Tried(_) | Submission::Fetched(_) => "try",
            Submission::Command(_) => "command",
            Submission::Timer(_) => "timer",
        };
        Some(Self {
            how,
            since: since.map_or(submitted, |since| since.min(submitted)),
            submitted,
        })
    }

    /// As one event of a batch: since PubNub published it, in its own unit of 100 ns.
    pub(super) fn published(self, timetoken: Option<u64>) -> Self {
        let at = timetoken.and_then(|t| i64::try_from(t / 10_000).ok());
        let since = at.map_or(self.submitted, |at| Timestamp(at).min(self.submitted));
        Self { since, ..self }
    }
}

/// One thing to tell.
#[derive(Debug)]
pub(crate) struct Told {
    tenant: TenantId,
    conversation: ConversationId,
    message: MessageId,
    what: What,
}

#[derive(Debug)]
enum What {
    Stored {
        kind: ChannelKind,
        author: Author,
        came: Came,
        /// A writer took it up.
        taken: Timestamp,
    },
    Ruled {
        verdict: &'static str,
        rule: Option<RuleId>,
        at: Timestamp,
    },
    News {
        status: &'static str,
        part: i64,
        at: Timestamp,
    },
}

impl Unit<'_> {
    /// A message was appended.
    pub(super) fn tell_stored(
        &mut self,
        (tenant, conversation): (TenantId, ConversationId),
        message: MessageId,
        (kind, author): (ChannelKind, Author),
    ) {
        let Some(came) = self.came else {
            return;
        };
        let taken = self.now;
        self.after.told.push(Told {
            tenant,
            conversation,
            message,
            what: What::Stored {
                kind,
                author,
                came,
                taken,
            },
        });
    }

    /// The rules were asked about a message.
    pub(super) fn tell_ruled(
        &mut self,
        (tenant, conversation): (TenantId, ConversationId),
        message: MessageId,
        (verdict, rule): (&'static str, Option<RuleId>),
    ) {
        let Some(at) = self.came.and_then(|_| traces::now()) else {
            return;
        };
        self.after.told.push(Told {
            tenant,
            conversation,
            message,
            what: What::Ruled { verdict, rule, at },
        });
    }

    /// The platform told how far a part of a message got.
    pub(super) fn tell_news(
        &mut self,
        (tenant, conversation): (TenantId, ConversationId),
        message: MessageId,
        part: i64,
        status: &'static str,
    ) {
        if self.came.is_none() {
            return;
        }
        let at = self.now;
        self.after.told.push(Told {
            tenant,
            conversation,
            message,
            what: What::News { status, part, at },
        });
    }
}

/// Tells it, after the commit that `batch` submissions shared.
pub(super) fn tell(told: Vec<Told>, batch: usize) {
    if told.is_empty() {
        return;
    }
    let Some(committed) = traces::now() else {
        return;
    };
    for told in told {
        let Some(trace) = traces::of(told.message) else {
            continue;
        };
        let whose = |hop: Hop| hop.of(told.tenant, told.conversation);
        match told.what {
            What::Stored {
                kind,
                author,
                came,
                taken,
            } => {
                trace.root(whose(root(kind, author, came, committed)));
                let waited = taken.since(came.submitted).as_millis();
                let store = Hop::new("store", came.submitted, committed)
                    .with(
                        "relevo.waited_ms",
                        i64::try_from(waited).unwrap_or(i64::MAX),
                    )
                    .with("relevo.batch", i64::try_from(batch).unwrap_or(i64::MAX));
                trace.hop(whose(store));
            }
            What::Ruled { verdict, rule, at } => {
                let hop = Hop::at("rules", at).with("relevo.verdict", verdict);
                trace.hop(whose(match rule {
                    Some(rule) => hop.with("relevo.rule", rule.to_string()),
                    None => hop,
                }));
            }
            What::News { status, part, at } => {
                trace.hop(whose(Hop::at(status, at).with("relevo.part", part)));
            }
        }
    }
}

/// How a message came to be stored: from whoever told us to the commit.
fn root(kind: ChannelKind, author: Author, came: Came, committed: Timestamp) -> Hop {
    let (name, direction) = match author {
        Author::Contact => ("message of a contact", "inbound"),
        Author::Agent => ("message of an agent", "outbound"),
        Author::Bot => ("message of the bot", "outbound"),
        Author::System => ("message of Relevo", "outbound"),
    };
    let span = match came.how {
        "webhook" | "bot" | "command" => Kind::Server,
        "realtime" => Kind::Consumer,
        _ => Kind::Internal,
    };
    Hop::new(name, came.since, committed)
        .kind(span)
        .with("relevo.channel", kind.name())
        .with("relevo.direction", direction)
        .with("relevo.source", came.how)
}
