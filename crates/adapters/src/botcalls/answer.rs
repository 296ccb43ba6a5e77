//! What the bot gets back.

use bytes::Bytes;
use futures::stream::BoxStream;
use serde_json::Value;

/// What the bot gets back: the platform's answer as it came, or ours in its format.
pub struct BotAnswer {
    /// The HTTP status.
    pub status: u16,
    /// Names in lower case with their values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: AnswerBody,
}

/// A body at hand or on its way.
pub enum AnswerBody {
    /// All of it.
    Whole(Bytes),
    /// Piece by piece, for files.
    Stream(BoxStream<'static, Result<Bytes, std::io::Error>>),
}

impl BotAnswer {
    /// An answer of our own in JSON.
    #[must_use]
    pub fn json(status: u16, body: &Value) -> Self {
        Self {
            status,
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: AnswerBody::Whole(body.to_string().into()),
        }
    }

    /// With one more header.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The body, if it is at hand.
    #[must_use]
    pub fn bytes(&self) -> Option<&Bytes> {
        match &self.body {
            AnswerBody::Whole(bytes) => Some(bytes),
            AnswerBody::Stream(_) => None,
        }
    }
}
