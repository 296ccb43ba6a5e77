//! A browser without scripts: cookies, forms, no redirects followed unless asked.

use adapters::net::{Http, NetPolicy};
use std::collections::BTreeMap;
use std::sync::Mutex;

/// An answer, read to its end.
pub struct Seen {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

impl Seen {
    pub fn location(&self) -> &str {
        self.headers.get("location").map_or("", String::as_str)
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The value of a hidden field or of an attribute that begins with `before`.
    pub fn after(&self, before: &str) -> &str {
        let from = self.body.find(before).map(|i| i + before.len());
        let rest = from.and_then(|i| self.body.get(i..)).unwrap_or("");
        rest.split('"').next().unwrap_or("")
    }
}

/// The type of the answer belongs to a crate that is not ours to name here.
macro_rules! read {
    ($browser:expr, $request:expr) => {{
        let answer = $request.send().await.unwrap();
        let status = answer.status().as_u16();
        let mut headers = BTreeMap::new();
        for (name, value) in answer.headers() {
            let value = value.to_str().unwrap_or("").to_owned();
            if name.as_str() == "set-cookie" {
                $browser.keep(&value);
            }
            headers.insert(name.as_str().to_owned(), value);
        }
        let body = answer.text().await.unwrap();
        Seen {
            status,
            headers,
            body,
        }
    }};
}

/// A browser with its cookies.
pub struct Browser {
    base: String,
    http: Http,
    cookies: Mutex<BTreeMap<String, String>>,
}

impl Browser {
    pub fn at(base: &str) -> Self {
        let policy = NetPolicy {
            allow_private_network: true,
        };
        Self {
            base: base.to_owned(),
            http: Http::new(policy).unwrap(),
            cookies: Mutex::default(),
        }
    }

    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().unwrap().get(name).cloned()
    }

    /// Puts a cookie into the browser, as whoever planted or stole it would.
    pub fn plant(&self, name: &str, value: &str) {
        let mut jar = self.cookies.lock().unwrap();
        jar.insert(name.to_owned(), value.to_owned());
    }

    pub async fn get(&self, path: &str) -> Seen {
        self.get_with(path, &[]).await
    }

    pub async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Seen {
        let mut request = self.http.platform.get(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.header("cookie", self.jar());
        read!(self, request)
    }

    fn keep(&self, cookie: &str) {
        let pair = cookie.split(';').next().unwrap_or("");
        if let Some((name, value)) = pair.split_once('=') {
            let mut jar = self.cookies.lock().unwrap();
            jar.insert(name.to_owned(), value.to_owned());
        }
    }

    fn jar(&self) -> String {
        let cookies = self.cookies.lock().unwrap();
        let pairs: Vec<String> = cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
        pairs.join("; ")
    }

    /// Sends a form without a token of its own.
    pub async fn send(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Seen {
        let request = self.http.platform.post(format!("{}{path}", self.base));
        let mut request = request.form(fields).header("cookie", self.jar());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        read!(self, request)
    }

    /// Opens `page`, fills the form that goes to `path` and sends it with the page's token.
    pub async fn fill(&self, page: &str, path: &str, fields: &[(&str, &str)]) -> Seen {
        let token = self
            .get(page)
            .await
            .after("name=\"csrf\" value=\"")
            .to_owned();
        assert!(!token.is_empty(), "{page} has no form");
        let mut all = vec![("csrf", token.as_str())];
        all.extend_from_slice(fields);
        self.send(path, &all, &[("sec-fetch-site", "same-origin")])
            .await
    }
}
