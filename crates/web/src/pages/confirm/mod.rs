//! What the links of mails open: a page with one button, since mail scanners follow links too and
//! must not use them up. The button's form does it.

mod email;
mod signup;
pub(crate) mod view;

use crate::extract::Visitor;
use crate::pages::html;
use crate::pages::parts::back_to;
use crate::pages::shell::Shell;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, web};
use askama::Template;

/// `/confirm…` and `/confirm-email…`.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/confirm/{token}", web::get().to(signup::ask))
        .route("/confirm", back_to("/login"))
        .route("/confirm", web::post().to(signup::confirm))
        .route("/confirm-email/{token}", web::get().to(email::ask))
        .route("/confirm-email", back_to("/account"))
        .route("/confirm-email", web::post().to(email::confirm));
}

/// A page whose address holds a link's secret: it is told to nobody, not even to our own pages.
pub(crate) fn unreferred(status: StatusCode, page: &impl Template) -> HttpResponse {
    let mut answer = html(status, page);
    let none = header::HeaderValue::from_static("no-referrer");
    answer.headers_mut().insert(header::REFERRER_POLICY, none);
    answer
}

/// A link that is no good any more, and where a new one comes from.
pub(crate) fn gone(visitor: &Visitor, key: &str, to: &'static str) -> HttpResponse {
    let page = view::GonePage {
        text: visitor.lang.t(&format!("gone-{key}")),
        button: visitor.lang.t(&format!("gone-{key}-button")),
        to,
        s: Shell::outside(visitor),
    };
    unreferred(StatusCode::GONE, &page)
}

fn ask(visitor: &Visitor, key: &str, action: &'static str, token: String) -> HttpResponse {
    let page = view::ConfirmLinkPage {
        title: visitor.lang.t(&format!("{key}-title")),
        text: visitor.lang.t(&format!("{key}-text")),
        button: visitor.lang.t(&format!("{key}-button")),
        action,
        token,
        s: Shell::outside(visitor),
    };
    unreferred(StatusCode::OK, &page)
}
