//! A call as the bot made it.

use bytes::Bytes;

/// A call as the bot made it, without the part of the address that names the line.
#[derive(Clone)]
pub struct BotRequest {
    /// The HTTP method, in capitals.
    pub method: String,
    /// The path below the platform's base address, as sent, with its leading slash. Telegram's
    /// holds the token: never to be logged.
    pub path: String,
    /// The query string as sent, without the question mark; may hold a token.
    pub query: String,
    /// Names in lower case with their values, in order.
    pub headers: Vec<(String, String)>,
    /// The exact bytes.
    pub body: Bytes,
}

impl BotRequest {
    /// The first value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }

    /// The MIME type of the body with its parameters; empty when not told.
    #[must_use]
    pub fn content_type(&self) -> &str {
        self.header("content-type").unwrap_or_default()
    }

    /// Whether the body is compressed, so that we could not read what the platform reads.
    #[must_use]
    pub fn is_encoded(&self) -> bool {
        self.header("content-encoding")
            .is_some_and(|v| !v.trim().is_empty() && !v.trim().eq_ignore_ascii_case("identity"))
    }

    /// Whether the path can be appended to a base address and stay below it.
    #[must_use]
    pub fn is_path_sound(&self) -> bool {
        self.path.starts_with('/')
            && self.path.len() <= 4096
            && self.segments().all(|segment| {
                segment != "."
                    && segment != ".."
                    && !segment.contains(|c: char| c.is_control() || matches!(c, '/' | '\\'))
            })
    }

    /// The parts of the path, decoded; empty ones are left out.
    pub fn segments(&self) -> impl DoubleEndedIterator<Item = String> + '_ {
        self.path
            .split('/')
            .filter(|part| !part.is_empty())
            .map(|part| {
                percent_encoding::percent_decode_str(part)
                    .decode_utf8_lossy()
                    .into_owned()
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(path: &str) -> BotRequest {
        BotRequest {
            method: "POST".to_owned(),
            path: path.to_owned(),
            query: String::new(),
            headers: Vec::new(),
            body: Bytes::new(),
        }
    }

    #[test]
    fn a_path_that_leaves_its_base_is_not_sound() {
        for good in ["/v25.0/1/messages", "/photos/file_1.jpg", "/me/messages/"] {
            assert!(at(good).is_path_sound(), "{good}");
        }
        for bad in [
            "",
            "v25.0",
            "/../x",
            "/a/%2e%2e/b",
            "/a/%2E./b",
            "/a%2fb",
            "/a\\b",
            "/a%5cb",
            "/a%00",
            "/./a",
            "/a%0d%0a",
        ] {
            assert!(!at(bad).is_path_sound(), "{bad}");
        }
    }
}
