//! A company signs up, and proves its owner's address where mails are sent.

mod again;
mod get;
mod post;
pub(crate) mod view;

use crate::extract::Form;
use crate::pages::parts::back_to;
use actix_web::web;

/// `/signup…`.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/signup", web::get().to(get::show))
        .route("/signup", web::post().to(post::sign_up))
        .route("/signup/again", back_to("/signup"))
        .route("/signup/again", web::post().to(again::send));
}

/// The key under which a session remembers who signed up in it.
pub(crate) const JOINING: &str = "joining";

/// The shortest password that is taken, in characters.
pub(crate) const SHORTEST_PASSWORD: usize = 10;

/// The longest name of a person or company, in characters.
pub(crate) const LONGEST_NAME: usize = 120;

/// Says beside `field` what is wrong with a new password.
pub(crate) fn check_password(
    form: &mut Form,
    field: &str,
    password: &domain::secret::Secret,
    l: crate::i18n::Lang,
) {
    match password.expose().chars().count() {
        n if n < SHORTEST_PASSWORD => form.refuse(field, l.t("wrong-password")),
        n if n > 200 => form.refuse(field, l.t("wrong-long")),
        _ => {}
    }
}

pub(crate) use again::sent_page;
