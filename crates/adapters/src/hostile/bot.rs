//! Calls of bots through the send proxy, written like HTTP: `POST /path?query`, headers, an empty
//! line, the body.

use crate::botcalls::hostile::{assert_path_stays, graph, telegram};
use crate::botcalls::{BotRequest, Speech};
use domain::channel::ChannelKind;

/// A call to Meta's Graph API.
pub fn graph_call(bytes: &[u8]) {
    let Some(request) = request(bytes) else {
        return;
    };
    assert_path_stays(&request);
    for kind in [
        ChannelKind::WhatsApp,
        ChannelKind::Messenger,
        ChannelKind::Instagram,
    ] {
        sound(&graph(kind, &request), &graph(kind, &request));
    }
}

/// A call to Telegram's Bot API.
pub fn telegram_call(bytes: &[u8]) {
    let Some(request) = request(bytes) else {
        return;
    };
    assert_path_stays(&request);
    sound(&telegram(&request), &telegram(&request));
}

fn sound(speech: &Speech, again: &Speech) {
    assert_eq!(speech, again, "read twice, read differently");
    if let Speech::Sends { to: Some(to), .. } = speech {
        assert!(!to.key.trim().is_empty(), "gated for nobody");
    }
}

fn request(bytes: &[u8]) -> Option<BotRequest> {
    let gap = bytes.windows(2).position(|two| two == b"\n\n");
    let (head, body) = match gap {
        Some(at) => (bytes.get(..at)?, bytes.get(at + 2..)?),
        None => (bytes, &b""[..]),
    };
    let mut lines = std::str::from_utf8(head).ok()?.lines();
    let (method, target) = lines.next()?.split_once(' ')?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let headers = lines.filter_map(|line| line.split_once(": "));
    Some(BotRequest {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: headers
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect(),
        body: body.to_vec().into(),
    })
}
