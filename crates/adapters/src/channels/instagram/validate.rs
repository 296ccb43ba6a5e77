//! The live check of an Instagram account's credentials, in both flavours (`channels.md` §5.1).

use super::Account;
use crate::channels::meta::graph::Graph;
use crate::channels::meta::json::Lenient;
use crate::channels::meta::validate::{self, question, secrets_shaped, token_shaped};
use domain::channel::InstagramLogin;
use domain::ports::{AccountInfo, ValidationError};
use serde_json::Value;

/// Checks that the token belongs to the account.
///
/// # Errors
/// One variant for each way it can fail.
pub(super) async fn validate(
    graph: &Graph,
    account: &Account<'_>,
) -> Result<AccountInfo, ValidationError> {
    token_shaped(account.token, "token")?;
    validate::digits(account.account_id, "account_id")?;
    validate::digits(account.app_id, "app_id")?;
    secrets_shaped(account.secrets)?;
    let named = match account.login {
        InstagramLogin::Instagram => own_login(graph, account).await?,
        InstagramLogin::Facebook => through_page(graph, account).await?,
    };
    let owner = account
        .owner()
        .ok_or(ValidationError::Malformed { field: "page_id" })?;
    let path = format!("{owner}/subscribed_apps");
    let apps = question(graph, account.token, &path, &[], "account_id").await?;
    let display = named.text("username").map(|name| format!("@{name}"));
    Ok(AccountInfo {
        external_id: account.account_id.to_owned(),
        display: display.unwrap_or_else(|| account.account_id.to_owned()),
        foreign_webhook: None,
        warnings: validate::other_apps(&apps, account.app_id),
    })
}

/// `user_id` is what webhooks carry; `id` belongs to the app and is taken as well, since Meta's
/// pages do not agree.
async fn own_login(graph: &Graph, account: &Account<'_>) -> Result<Value, ValidationError> {
    let fields = [("fields", "id,user_id,username")];
    let me = question(graph, account.token, "me", &fields, "token").await?;
    let known = ["user_id", "id"]
        .iter()
        .any(|f| me.id(f).as_deref() == Some(account.account_id));
    known.then_some(me).ok_or(ValidationError::Mismatch {
        field: "account_id",
    })
}

async fn through_page(graph: &Graph, account: &Account<'_>) -> Result<Value, ValidationError> {
    let page = account.page_id.unwrap_or_default();
    validate::digits(page, "page_id")?;
    let fields = [("fields", "instagram_business_account{id,username}")];
    let answer = question(graph, account.token, page, &fields, "page_id").await?;
    let Some(linked) = answer.child("instagram_business_account") else {
        return Err(ValidationError::NotFound {
            field: "account_id",
            detail: "the Page has no linked Instagram account".to_owned(),
        });
    };
    let same = linked.id("id").as_deref() == Some(account.account_id);
    same.then(|| linked.clone())
        .ok_or(ValidationError::Mismatch {
            field: "account_id",
        })
}
