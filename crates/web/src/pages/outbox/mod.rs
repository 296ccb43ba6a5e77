//! The demo's outbox: mails that would have been sent. Nowhere else is there such a page.

pub(crate) mod view;

use crate::extract::Visitor;
use crate::mail::MailMode;
use crate::pages::error::PageError;
use crate::pages::shell::Shell;
use crate::pages::{Page, html};
use actix_web::http::StatusCode;
use actix_web::web;
use adapters::store::mail_context;
use domain::ports::Mail;
use view::{MailItem, OutboxPage};

/// `/outbox`.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/outbox", web::get().to(show));
}

async fn show(visitor: Visitor) -> Page {
    let app = visitor.app.clone();
    if app.mail != MailMode::Keep {
        return Err(PageError::NotFound);
    }
    let dates = visitor.dates("UTC");
    let mut mails = Vec::new();
    for kept in app.store.mails_kept(50).await? {
        let context = mail_context(kept.tenant, kept.id);
        // A tenant that was deleted took its key along: its mails are unreadable for good.
        let Ok(plain) = app.vault.open(context, &kept.body).await else {
            continue;
        };
        let mail: Mail =
            serde_json::from_slice(&plain).map_err(|_| PageError::Broken("mail".to_owned()))?;
        mails.push(MailItem::of(
            mail,
            dates.short(kept.created_at),
            &app.address("/"),
        ));
    }
    let page = OutboxPage {
        s: Shell::outside(&visitor),
        mails,
    };
    Ok(html(StatusCode::OK, &page))
}
