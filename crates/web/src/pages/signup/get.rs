//! Shows the sign-up page.

use super::view::SignupPage;
use crate::extract::{Form, Visitor};
use crate::pages::parts::zones;
use crate::pages::shell::Shell;
use crate::pages::{Page, html};
use actix_web::http::StatusCode;

pub(super) async fn show(visitor: Visitor) -> Page {
    let page = SignupPage {
        s: Shell::outside(&visitor),
        f: Form::default(),
        zones: zones("America/Santiago", visitor.lang),
        problem: None,
    };
    Ok(html(StatusCode::OK, &page))
}
