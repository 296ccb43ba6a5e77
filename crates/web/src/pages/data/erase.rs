//! Erases one contact everywhere: asks first, because nothing brings them back.

use crate::extract::{Manager, Posted};
use crate::pages::conversations::view::contact_name;
use crate::pages::parts::ConfirmPage;
use crate::pages::shell::{Nav, Shell};
use crate::pages::{Page, html};
use actix_web::http::StatusCode;
use actix_web::web::Path;
use adapters::store::{StoreError, instead_of_words};
use domain::ids::ConversationId;
use uuid::Uuid;

pub(super) async fn ask(Manager(member): Manager, id: Path<Uuid>) -> Page {
    let row = member
        .store
        .conversations()
        .get(ConversationId(*id))
        .await?;
    let l = member.visitor.lang;
    let page = ConfirmPage {
        title: l.with("erase-title", "name", contact_name(&row, l)),
        lines: vec![l.t("erase-text"), l.t("erase-stays"), l.t("erase-desk")],
        action: format!("/conversations/{id}/erase"),
        button: l.t("erase-button"),
        back: format!("/conversations/{id}"),
        s: Shell::inside(&member, Nav::Conversations),
    };
    Ok(html(StatusCode::OK, &page))
}

pub(super) async fn go(Manager(member): Manager, id: Path<Uuid>, _form: Posted) -> Page {
    let visitor = &member.visitor;
    let l = visitor.lang;
    let instead = instead_of_words(member.tenant.settings.language);
    let conversation = ConversationId(*id);
    let files = match member.store.erase_contact(conversation, instead).await {
        Ok(files) => files,
        Err(StoreError::Conflict(_)) => {
            visitor.say("danger", l.t("erase-open"));
            return Ok(visitor.go(&format!("/conversations/{id}")));
        }
        Err(error) => return Err(error.into()),
    };
    for file in files {
        // Nobody can open it any more; what fails here is taken up by the worker.
        match visitor.app.files.remove(member.who.tenant, file).await {
            Ok(()) => member.store.file_gone(file).await?,
            Err(error) => tracing::warn!(%file, %error, "an erased file is still there"),
        }
    }
    visitor.say("ok", l.t("erase-done"));
    Ok(visitor.go("/conversations"))
}
