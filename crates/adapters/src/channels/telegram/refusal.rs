//! What Telegram's refusals mean (`channels.md` §3.6). There are no error codes beyond the HTTP
//! status, so the words decide.

use super::node::Node;
use domain::outbound::{Failure, SendError, ThrottleScope};
use domain::secret::Secret;
use std::time::Duration;

/// A call that Telegram refused.
#[derive(Debug)]
pub(super) struct Refusal {
    status: u16,
    description: String,
    retry_after: Option<Duration>,
    /// The chat's new id, where a group became a supergroup.
    pub(super) migrate_to: Option<String>,
}

/// Words of refusals that concern one recipient and will not pass.
const UNREACHABLE: [&str; 9] = [
    "chat not found",
    "user not found",
    "peer_id_invalid",
    "user is deactivated",
    "not enough rights",
    "have no rights to send",
    "chat_write_forbidden",
    "chat_restricted",
    "group chat was upgraded",
];

impl Refusal {
    /// From the answer. The token is taken out of the words, wherever it came from.
    pub(super) fn read(
        status: u16,
        waits: Option<u64>,
        envelope: Node<'_>,
        token: &Secret,
    ) -> Self {
        let parameters = envelope.get("parameters");
        let code = envelope.get("error_code").integer();
        let description = envelope
            .get("description")
            .text()
            .unwrap_or_default()
            .replace(token.expose(), "•••")
            .chars()
            .filter(|c| !c.is_control())
            .take(300)
            .collect();
        Self {
            status: code
                .and_then(|code| u16::try_from(code).ok())
                .unwrap_or(status),
            description,
            retry_after: parameters
                .get("retry_after")
                .size()
                .or(waits)
                .map(Duration::from_secs),
            migrate_to: parameters.get("migrate_to_chat_id").id(),
        }
    }

    /// Whether it is about this, whatever the case of the letters.
    pub(super) fn says(&self, words: &str) -> bool {
        self.description.to_lowercase().contains(words)
    }

    /// Whether the token is not (or no longer) one.
    pub(super) fn is_token(&self) -> bool {
        // A wrong token makes an unknown address, hence the plain 404.
        self.status == 401
            || (self.status == 404 && !self.says("method"))
            || self.says("invalid token")
    }

    fn failure(&self) -> Failure {
        let retry_after = self.retry_after;
        if self.is_token() {
            return Failure::Unauthorized;
        }
        match self.status {
            // Nearly always the chat's own limit of about one message per second; a bot over
            // its overall limit is told so once for every chat.
            429 => Failure::Throttled {
                scope: ThrottleScope::Contact,
                retry_after,
            },
            // Another program polls this bot; a server for other bots.
            409 | 421 => Failure::Unauthorized,
            403 => Failure::Recipient,
            400 if UNREACHABLE.iter().any(|words| self.says(words)) => Failure::Recipient,
            400 if self.says("temporarily unavailable") => Failure::Transient { retry_after },
            400..=499 => Failure::Payload,
            _ => Failure::Transient { retry_after },
        }
    }

    /// As an error that says whether to retry. A server that fails may have sent the message
    /// before.
    pub(super) fn into_error(self) -> SendError {
        let detail = if self.description.is_empty() {
            format!("Telegram respondió {}", self.status)
        } else {
            self.description.clone()
        };
        SendError {
            failure: self.failure(),
            ambiguous: (500..600).contains(&self.status),
            code: Some(self.status.to_string()),
            detail,
        }
    }
}
