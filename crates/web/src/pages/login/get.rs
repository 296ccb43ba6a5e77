//! Shows the log-in page.

use super::view::LoginPage;
use crate::extract::{Fields, Form, Visitor, own_path};
use crate::pages::shell::Shell;
use crate::pages::{Page, html};
use actix_web::HttpRequest;
use actix_web::http::StatusCode;

pub(super) async fn show(request: HttpRequest, visitor: Visitor) -> Page {
    let mut fields = Fields::default();
    let query = Fields::parse(request.query_string().as_bytes());
    fields.set("next", own_path(query.get("next")));
    let page = LoginPage {
        s: Shell::outside(&visitor),
        f: Form::from(fields),
        problem: None,
    };
    Ok(html(StatusCode::OK, &page))
}
