//! Carrying out Telegram calls.

use super::super::answer::BotAnswer;
use super::super::request::BotRequest;
use super::super::service::{BotCalls, Gate};
use super::super::speech::{Family, Speech, Whom};
use super::super::{gate, lines, platform};
use super::{Class, class, method_in_body, speech, words};
use crate::accounts::OpenChannel;
use domain::message::Content;

/// What the path of a call names.
enum Target {
    /// A method.
    Method(String),
    /// A file.
    File,
}

/// Reads `/bot<token>/<method>` or `/file/bot<token>/<path>`: the token and what it is for.
fn target(request: &BotRequest) -> Option<(String, Target)> {
    let segments: Vec<String> = request.segments().collect();
    match segments.as_slice() {
        [bot, method] if bot != "file" => {
            let sound = !method.is_empty() && method.bytes().all(|b| b.is_ascii_alphanumeric());
            let token = bot.strip_prefix("bot")?.to_owned();
            sound.then(|| (token, Target::Method(method.clone())))
        }
        [file, bot, _, ..] if file == "file" => {
            Some((bot.strip_prefix("bot")?.to_owned(), Target::File))
        }
        _ => None,
    }
}

impl BotCalls {
    pub(in super::super) fn telegram_refuses(
        &self,
        line: &OpenChannel,
        head: &BotRequest,
    ) -> Option<BotAnswer> {
        if !matches!(head.method.as_str(), "GET" | "POST") || !head.is_path_sound() {
            return Some(words::refusal(404, "Not Found"));
        }
        if head.is_encoded() {
            return Some(words::refusal(
                415,
                "Unsupported Media Type: compressed body",
            ));
        }
        let Some((told, _)) = target(head) else {
            return Some(words::refusal(404, "Not Found"));
        };
        let fits = lines::token(&line.credentials).is_some_and(|t| t.matches(told.as_bytes()));
        (!fits).then(words::unauthorized)
    }

    /// Carries out a call under `/bot<token>/…` or `/file/bot<token>/…`.
    pub async fn telegram(&self, line: &OpenChannel, request: &BotRequest) -> BotAnswer {
        if let Some(refusal) = self.telegram_refuses(line, request) {
            return refusal;
        }
        match target(request) {
            Some((_, Target::Method(method))) => self.telegram_call(line, &method, request).await,
            Some((_, Target::File)) => {
                let base = &self.parts.bases.telegram;
                self.pass(Family::Telegram, base, request).await
            }
            None => words::refusal(404, "Not Found"),
        }
    }

    /// Carries out the call that a bot put into its answer to a webhook; `None` where the answer
    /// holds none. The platform would not tell the bot what became of it, and neither do we.
    pub async fn telegram_reply(
        &self,
        line: &OpenChannel,
        content_type: &str,
        body: bytes::Bytes,
    ) -> Option<BotAnswer> {
        let token = lines::token(&line.credentials)?;
        let mut request = BotRequest {
            method: "POST".to_owned(),
            path: String::new(),
            query: String::new(),
            headers: vec![("content-type".to_owned(), content_type.to_owned())],
            body,
        };
        let method = method_in_body(&request)?;
        if method.is_empty() || !method.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return None;
        }
        request.path = format!("/bot{}/{method}", token.expose());
        Some(self.telegram_call(line, &method, &request).await)
    }

    async fn telegram_call(
        &self,
        line: &OpenChannel,
        method: &str,
        request: &BotRequest,
    ) -> BotAnswer {
        let class = class(method);
        if let Class::Hook(call) = class {
            return self.telegram_hook(line, call, request).await;
        }
        let (whom, content) = match speech(method, class, request) {
            Speech::Neutral | Speech::Sends { to: None, .. } => (None, None),
            Speech::Unreadable(why) => return words::refusal(400, &format!("Bad Request: {why}")),
            Speech::Shows(whom) => (Some(whom), None),
            Speech::Sends {
                to: Some(to),
                content,
            } => (Some(Whom::Contact(to)), Some(content)),
        };
        let base = &self.parts.bases.telegram;
        let Some(whom) = whom else {
            return self.pass(Family::Telegram, base, request).await;
        };
        self.telegram_say(line, &whom, content, request).await
    }

    async fn telegram_say(
        &self,
        line: &OpenChannel,
        whom: &Whom,
        content: Option<Content>,
        request: &BotRequest,
    ) -> BotAnswer {
        let admitted = match self.gate(&line.channel, whom, content).await {
            Gate::Open(admitted) => admitted,
            Gate::Muted => return words::muted(),
            Gate::Busy => return words::busy(),
        };
        let base = &self.parts.bases.telegram;
        let call = platform::call(&self.parts.http.platform, base, request);
        let done = gate::made(admitted, call).await;
        let (answer, result) = match done {
            Ok((answer, bytes)) => {
                let result = words::outcome(answer.status, &bytes);
                (answer, result)
            }
            Err(error) => (words::unanswered(error.ambiguous), Err(error.detail)),
        };
        if let Some(admitted) = admitted {
            gate::record(&self.parts.ingest, admitted, result).await;
        }
        answer
    }
}
