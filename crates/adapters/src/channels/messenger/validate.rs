//! The live check of a Page's credentials (`channels.md` §4.1).

use super::Page;
use crate::channels::meta::graph::{Graph, is_plain_id};
use crate::channels::meta::json::Lenient;
use crate::channels::meta::validate::{self, question, secrets_shaped, token_shaped};
use domain::ports::{AccountInfo, ValidationError};

/// Checks that the token is the Page's own and may read its subscriptions.
///
/// # Errors
/// One variant for each way it can fail.
pub(super) async fn validate(
    graph: &Graph,
    page: &Page<'_>,
) -> Result<AccountInfo, ValidationError> {
    token_shaped(page.token, "page_token")?;
    validate::digits(page.page_id, "page_id")?;
    validate::digits(page.app_id, "app_id")?;
    secrets_shaped(page.secrets)?;
    if !is_plain_id(page.page_id) {
        return Err(ValidationError::Malformed { field: "page_id" });
    }
    let me = question(
        graph,
        page.token,
        "me",
        &[("fields", "id,name")],
        "page_token",
    )
    .await?;
    // A user's token answers with the user.
    if me.id("id").as_deref() != Some(page.page_id) {
        return Err(ValidationError::Mismatch { field: "page_id" });
    }
    let path = format!("{}/subscribed_apps", page.page_id);
    let apps = question(graph, page.token, &path, &[], "page_id").await?;
    Ok(AccountInfo {
        external_id: page.page_id.to_owned(),
        display: me.text("name").unwrap_or(page.page_id).to_owned(),
        foreign_webhook: None,
        warnings: validate::other_apps(&apps, page.app_id),
    })
}
