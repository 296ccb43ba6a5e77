//! The live check of a WhatsApp line's credentials (`channels.md` §2.1).

use super::Line;
use crate::channels::meta::graph::Graph;
use crate::channels::meta::json::Lenient;
use crate::channels::meta::validate::{digits, question, secrets_shaped, token_shaped};
use domain::ports::{AccountInfo, ValidationError};
use serde_json::Value;

/// The most pages of a business account's numbers that are read.
const PAGES: usize = 20;

/// Checks that the token sees the number, that the number belongs to the business account, and
/// that the token may manage it.
///
/// # Errors
/// One variant for each way it can fail.
pub(super) async fn validate(
    graph: &Graph,
    line: &Line<'_>,
) -> Result<AccountInfo, ValidationError> {
    token_shaped(line.token, "access_token")?;
    digits(line.phone_number_id, "phone_number_id")?;
    digits(line.waba_id, "waba_id")?;
    secrets_shaped(line.secrets)?;
    let fields = "id,display_phone_number,verified_name,quality_rating,\
                  code_verification_status,platform_type,throughput";
    let query = [("fields", fields)];
    let number = question(
        graph,
        line.token,
        line.phone_number_id,
        &query,
        "phone_number_id",
    )
    .await?;
    if number.text("display_phone_number").is_none() {
        // An object, but no number: most likely the business account's id.
        return Err(ValidationError::Mismatch {
            field: "phone_number_id",
        });
    }
    if !belongs(graph, line).await? {
        return Err(ValidationError::Mismatch { field: "waba_id" });
    }
    let path = format!("{}/message_templates", line.waba_id);
    question(graph, line.token, &path, &[("limit", "1")], "waba_id").await?;
    Ok(AccountInfo {
        external_id: line.phone_number_id.to_owned(),
        display: display(&number),
        foreign_webhook: None,
        warnings: warnings(&number),
    })
}

/// Whether the business account lists the number.
async fn belongs(graph: &Graph, line: &Line<'_>) -> Result<bool, ValidationError> {
    let path = format!("{}/phone_numbers", line.waba_id);
    let mut after: Option<String> = None;
    for _ in 0..PAGES {
        let mut query = vec![("fields", "id"), ("limit", "100")];
        query.extend(after.as_deref().map(|cursor| ("after", cursor)));
        let page = question(graph, line.token, &path, &query, "waba_id").await?;
        let list = page.items("data");
        if list
            .iter()
            .any(|n| n.id("id").as_deref() == Some(line.phone_number_id))
        {
            return Ok(true);
        }
        let paging = page.child("paging").filter(|p| p.text("next").is_some());
        let next = paging
            .and_then(|p| p.child("cursors"))
            .and_then(|c| c.id("after"));
        if next.is_none() || list.is_empty() {
            break;
        }
        after = next;
    }
    Ok(false)
}

fn display(number: &Value) -> String {
    let shown = number.text("display_phone_number").unwrap_or_default();
    match number.text("verified_name") {
        Some(name) => format!("{shown} · {name}"),
        None => shown.to_owned(),
    }
}

/// Things to know that do not prevent it from working.
fn warnings(number: &Value) -> Vec<String> {
    let mut warnings = Vec::new();
    if number.text("quality_rating") == Some("RED") {
        warnings.push("channel.whatsapp.quality_red".to_owned());
    }
    if number
        .text("platform_type")
        .is_some_and(|p| p != "CLOUD_API")
    {
        warnings.push("channel.whatsapp.not_registered".to_owned());
    }
    if number.text("code_verification_status") == Some("EXPIRED") {
        warnings.push("channel.whatsapp.verification_expired".to_owned());
    }
    warnings
}
