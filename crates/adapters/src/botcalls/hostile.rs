//! The readers of calls, for [`crate::hostile`].

use super::request::BotRequest;
use super::speech::Speech;
use super::{graph, platform, telegram};
use domain::channel::ChannelKind;

/// What a call to the Graph API says.
pub(crate) fn graph(kind: ChannelKind, request: &BotRequest) -> Speech {
    let _ = graph::tokens(request);
    graph::read(kind, request).speech
}

/// What a call to the Bot API says, or the call that an answer to a webhook holds.
pub(crate) fn telegram(request: &BotRequest) -> Speech {
    let in_body = telegram::method_in_body(request);
    let method = request
        .segments()
        .next_back()
        .or(in_body)
        .unwrap_or_default();
    match telegram::class(&method) {
        telegram::Class::Hook(_) => Speech::Neutral,
        class => telegram::speech(&method, class, request),
    }
}

/// Whatever stands in a path, it stays on the platform's host and below its base.
pub(crate) fn assert_path_stays(request: &BotRequest) {
    const BASE: &str = "https://platform.example/base";
    if let Ok(url) = platform::address(BASE, request) {
        assert_eq!(url.host_str(), Some("platform.example"));
        assert!(url.path().starts_with("/base/"), "left its base: {url}");
    }
}
