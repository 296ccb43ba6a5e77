//! Meta's Graph API: which calls are speech, from which line, towards whom, and what is said
//! (`channels.md` §2.6, §4.5, §5.3).

mod calls;
mod messenger;
mod whatsapp;
pub(super) mod words;

use super::params::Params;
use super::request::BotRequest;
use super::speech::Speech;
use domain::channel::ChannelKind;

/// Edges that reach a contact when posted to.
const SENDING: [&str; 3] = ["messages", "marketing_messages", "private_replies"];

/// A call, read.
pub(super) struct GraphCall {
    /// The node it is made on: a phone number id, a Page, an account, `me`.
    pub node: Option<String>,
    /// What it says.
    pub speech: Speech,
}

/// Reads a call made under a line of this kind.
pub(super) fn read(kind: ChannelKind, request: &BotRequest) -> GraphCall {
    let mut segments: Vec<String> = request.segments().collect();
    if segments.first().is_some_and(|first| is_version(first)) {
        segments.remove(0);
    }
    let node = segments.first().cloned();
    let edge = segments
        .last()
        .filter(|_| segments.len() > 1)
        .map(|edge| edge.trim().to_ascii_lowercase());
    let sends = edge.as_deref().is_some_and(|edge| SENDING.contains(&edge));
    // A private reply stands on a comment, which says nothing about the line.
    let node = node.filter(|_| edge.as_deref() != Some("private_replies"));
    // A batch at the root could hold anything; the `method` parameter makes a POST of a GET.
    let speech = if !is_post(request) || !(sends || segments.is_empty()) {
        Speech::Neutral
    } else {
        match Params::of(request) {
            Err(_) => Speech::Unreadable("The request's parameters cannot be read."),
            Ok(params) if !sends && params.has("batch") => {
                Speech::Unreadable("Batch requests are not supported here: send one by one.")
            }
            Ok(_) if !sends => Speech::Neutral,
            Ok(params) if kind == ChannelKind::WhatsApp => whatsapp::speech(&params),
            Ok(params) => messenger::speech(&params),
        }
    };
    GraphCall { node, speech }
}

/// The tokens a call carries: `Authorization` and `access_token` in the query; in the body only
/// where there is neither. All of them must be the line's, since Meta takes one of its choice.
pub(super) fn tokens(request: &BotRequest) -> Vec<String> {
    let header = request.header("authorization").and_then(|value| {
        let (scheme, token) = value.trim().split_once(' ')?;
        let known = ["bearer", "oauth"]
            .iter()
            .any(|s| scheme.eq_ignore_ascii_case(s));
        known.then(|| token.trim().to_owned())
    });
    let query = url::form_urlencoded::parse(request.query.as_bytes())
        .filter(|(name, _)| name == "access_token")
        .map(|(_, value)| value.into_owned());
    let told: Vec<String> = header.into_iter().chain(query).collect();
    if told.is_empty() {
        let params = Params::of(request).unwrap_or_default();
        return params.text("access_token").into_iter().collect();
    }
    told
}

/// `v25.0`.
fn is_version(segment: &str) -> bool {
    segment
        .strip_prefix(['v', 'V'])
        .is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
}

fn is_post(request: &BotRequest) -> bool {
    let overridden = url::form_urlencoded::parse(request.query.as_bytes())
        .any(|(name, value)| name == "method" && value.eq_ignore_ascii_case("post"));
    request.method != "GET" && request.method != "HEAD" || overridden
}

#[cfg(test)]
mod tests;
