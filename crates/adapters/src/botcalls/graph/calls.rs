//! Carrying out Graph API calls.

use super::super::answer::BotAnswer;
use super::super::request::BotRequest;
use super::super::service::{BotCalls, Gate};
use super::super::speech::{Family, Speech, Whom};
use super::super::{gate, lines, platform};
use super::{GraphCall, read, tokens, words};
use crate::accounts::OpenChannel;
use domain::channel::{ChannelCredentials, ChannelKind, InstagramLogin};
use domain::contact::ContactAddress;
use domain::message::Content;

impl BotCalls {
    pub(in super::super) fn graph_refuses(
        &self,
        line: &OpenChannel,
        head: &BotRequest,
    ) -> Option<BotAnswer> {
        if !head.is_path_sound() {
            return Some(words::unknown(self.trace()));
        }
        if head.is_encoded() {
            let why = "Compressed request bodies are not supported.";
            return Some(words::refusal(415, why, self.trace()));
        }
        // Without one in the head it may stand in the body.
        let told = tokens(head);
        let fits = self.are_ours(line, &told);
        (!told.is_empty() && !fits).then(|| words::unauthorized(self.trace()))
    }

    /// Whether all tokens are the line's.
    fn are_ours(&self, line: &OpenChannel, told: &[String]) -> bool {
        let Some(token) = lines::token(&line.credentials) else {
            return false;
        };
        told.iter()
            .map(|told| token.matches(told.as_bytes()))
            .fold(true, std::ops::BitAnd::bitand)
    }

    /// Carries out a call to the Graph API.
    pub async fn graph(&self, line: &OpenChannel, request: &BotRequest) -> BotAnswer {
        if let Some(refusal) = self.graph_refuses(line, request) {
            return refusal;
        }
        let told = tokens(request);
        if told.is_empty() || !self.are_ours(line, &told) {
            return words::unauthorized(self.trace());
        }
        let GraphCall { node, speech } = read(line.channel.kind, request);
        let (to, whom, content) = match speech {
            Speech::Neutral => return self.pass(Family::Graph, self.base(line), request).await,
            Speech::Unreadable(why) => return words::refusal(400, why, self.trace()),
            Speech::Shows(Whom::Contact(to)) => (Some(to.clone()), Some(Whom::Contact(to)), None),
            Speech::Shows(whom) => (None, Some(whom), None),
            Speech::Sends { to, content } => (to.clone(), to.map(Whom::Contact), Some(content)),
        };
        let (store, accounts) = (&self.parts.store, &self.parts.accounts);
        let line = match lines::speaking(store, accounts, line, node.as_deref(), to.as_ref()).await
        {
            Ok(Some(line)) => line,
            Ok(None) => return words::foreign_node(self.trace()),
            Err(error) => {
                tracing::warn!(channel = %line.channel.id, %error, "the line of a bot call could not be found");
                return words::busy(self.trace());
            }
        };
        match whom {
            Some(whom) => self.graph_say(&line, &whom, content, request).await,
            None => self.graph_reply(&line, content, request).await,
        }
    }

    async fn graph_say(
        &self,
        line: &OpenChannel,
        whom: &Whom,
        content: Option<Content>,
        request: &BotRequest,
    ) -> BotAnswer {
        let admitted = match self.gate(&line.channel, whom, content).await {
            Gate::Open(admitted) => admitted,
            Gate::Muted => return words::muted(line.channel.kind, self.trace()),
            Gate::Busy => return words::busy(self.trace()),
        };
        let client = &self.parts.http.platform;
        let call = platform::call(client, self.base(line), request);
        let (answer, result) = match gate::made(admitted, call).await {
            Ok((answer, bytes)) => {
                let result = words::outcome(answer.status, &bytes).map(|taken| taken.ids);
                (answer, result)
            }
            Err(error) => {
                let answer = words::unanswered(error.ambiguous, self.trace());
                (answer, Err(error.detail))
            }
        };
        if let Some(admitted) = admitted {
            gate::record(&self.parts.ingest, admitted, result).await;
        }
        answer
    }

    /// A reply to somebody whom only the platform knows: recorded once it has told who it was.
    async fn graph_reply(
        &self,
        line: &OpenChannel,
        content: Option<Content>,
        request: &BotRequest,
    ) -> BotAnswer {
        let client = &self.parts.http.platform;
        let (answer, bytes) = match platform::call(client, self.base(line), request).await {
            Ok(done) => done,
            Err(error) => return words::unanswered(error.ambiguous, self.trace()),
        };
        let taken = words::outcome(answer.status, &bytes);
        if let (Ok(taken), Some(content)) = (taken, content)
            && let Some(recipient) = taken.recipient
        {
            let to = ContactAddress::of(recipient);
            let ingest = &self.parts.ingest;
            match gate::admit(ingest, &line.channel, &to, Some(content), true).await {
                Ok(Some(admitted)) => gate::record(ingest, admitted, Ok(taken.ids)).await,
                Ok(None) => {}
                Err(error) => {
                    tracing::error!(channel = %line.channel.id, %error, "a reply of the bot could not be recorded");
                }
            }
        }
        answer
    }

    /// The host a line lives on.
    fn base(&self, line: &OpenChannel) -> &str {
        let by_instagram = matches!(
            *line.credentials,
            ChannelCredentials::Instagram {
                login: InstagramLogin::Instagram,
                ..
            }
        );
        if line.channel.kind == ChannelKind::Instagram && by_instagram {
            &self.parts.bases.instagram
        } else {
            &self.parts.bases.graph
        }
    }
}
