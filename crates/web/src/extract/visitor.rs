//! Everybody who opens a page, known or not.

use crate::i18n::{Dates, Lang};
use crate::pages::error::PageError;
use crate::security::{client, csrf};
use crate::state::AppState;
use actix_session::{Session, SessionExt};
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use std::future::{Ready, ready};

/// The cookie that keeps the choice of the theme switch.
pub const THEME_COOKIE: &str = "relevo_theme";

/// A notice shown once, on the next page.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Flash {
    /// `ok` or `danger`.
    pub tone: String,
    /// The words.
    pub text: String,
}

/// Everybody who opens a page.
#[derive(Clone)]
pub struct Visitor {
    /// What every request can reach.
    pub app: web::Data<AppState>,
    /// The language of the answer.
    pub lang: Lang,
    /// Whether this browser chose it with our switch, and did not merely wish for it.
    pub lang_chosen: bool,
    /// `auto`, `light` or `dark`.
    pub theme: &'static str,
    /// The browser session.
    pub session: Session,
    /// Path and query of this page.
    pub path: String,
    /// Whether a script of ours asks for a part of a page.
    pub htmx: bool,
    /// The network address the request comes from.
    pub address: String,
    /// What the browser says it is.
    pub device: String,
}

impl Visitor {
    /// Reads what every request carries.
    #[must_use]
    pub fn of(request: &HttpRequest) -> Option<Self> {
        let app = request.app_data::<web::Data<AppState>>()?.clone();
        let theme = match request.cookie(THEME_COOKIE).as_ref().map(|c| c.value()) {
            Some("light") => "light",
            Some("dark") => "dark",
            _ => "auto",
        };
        let device = request.headers().get(header::USER_AGENT);
        let device = device.and_then(|v| v.to_str().ok()).unwrap_or_default();
        let path = request.uri().path_and_query().map_or("/", |p| p.as_str());
        Some(Self {
            lang_chosen: Lang::chosen(request).is_some(),
            lang: Lang::of(request),
            theme,
            session: request.get_session(),
            path: path.to_owned(),
            htmx: request.headers().contains_key("hx-request"),
            address: client::address(request, app.behind_proxy),
            device: device.to_owned(),
            app,
        })
    }

    /// The token for the forms of this page.
    #[must_use]
    pub fn csrf(&self) -> String {
        csrf::token(&self.session)
    }

    /// Words for the next page, said once.
    pub fn say(&self, tone: &str, text: impl Into<String>) {
        let flash = Flash {
            tone: tone.to_owned(),
            text: text.into(),
        };
        if let Err(error) = self.session.insert("flash", flash) {
            tracing::warn!(%error, "notice not kept");
        }
    }

    /// What the last page wanted to say.
    #[must_use]
    pub fn heard(&self) -> Option<Flash> {
        // Taking out what is not there would be a write of the session for each page.
        if !self.session.entries().contains_key("flash") {
            return None;
        }
        self.session.remove_as::<Flash>("flash")?.ok()
    }

    /// Tells instants in `zone`.
    #[must_use]
    pub fn dates(&self, zone: &str) -> Dates {
        Dates::new(self.lang, zone, self.app.clock.now())
    }

    /// The network address the request comes from, for the log; `None` where it is not known.
    #[must_use]
    pub fn from(&self) -> Option<&str> {
        Some(self.address.as_str()).filter(|a| !a.is_empty())
    }

    /// Goes on to another page of ours after a form.
    #[must_use]
    pub fn go(&self, to: &str) -> HttpResponse {
        if self.htmx {
            return HttpResponse::Ok()
                .insert_header(("hx-redirect", to))
                .finish();
        }
        HttpResponse::SeeOther()
            .insert_header((header::LOCATION, to))
            .finish()
    }
}

/// `to` if it is a path of ours, else the home page: nobody is sent to a stranger's site.
#[must_use]
pub fn own_path(to: &str) -> &str {
    let second = to.as_bytes().get(1);
    let clean = !to.contains(|c: char| c.is_control() || c == '\\');
    if to.starts_with('/') && second != Some(&b'/') && clean {
        to
    } else {
        "/"
    }
}

impl FromRequest for Visitor {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request).ok_or_else(|| PageError::Broken("state is not wired".to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn only_our_own_paths_are_gone_to() {
        assert_eq!(own_path("/rules?x=1"), "/rules?x=1");
        for foreign in [
            "//evil.test",
            "https://evil.test",
            "/\\evil.test",
            "",
            "/a\nb",
        ] {
            assert_eq!(own_path(foreign), "/", "{foreign}");
        }
    }
}
