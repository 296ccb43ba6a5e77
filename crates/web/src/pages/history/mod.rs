//! The whole history of one conversation, for agents: read-only, behind a signed link that
//! expires. No browser session is started here and nothing else can be reached.

pub(crate) mod view;

use super::conversations::thread::{Look, views};
use super::conversations::view::contact_name;
use super::error::PageError;
use super::parts::{kind_title, line_title};
use super::shell::Shell;
use super::{Page, files, html};
use crate::extract::{Fields, Visitor};
use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{self, Path};
use adapters::links::{HistoryLink, Links};
use domain::ids::FileId;
use std::collections::HashMap;
use uuid::Uuid;
use view::HistoryPage;

const PAGE: u64 = 200;

/// `/history/{token}`.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/history/{token}", web::get().to(show))
        .route("/history/{token}/files/{id}", web::get().to(file));
}

fn opened(visitor: &Visitor, token: &str) -> Result<HistoryLink, PageError> {
    let app = &visitor.app;
    let links = Links::new(app.links.clone(), app.public_url.as_str());
    Ok(links.open(token, app.clock.now())?)
}

/// The platform and the line; a line that is already called after its platform says it once.
fn channel_line(platform: &str, line: &str) -> String {
    if line.to_lowercase().contains(&platform.to_lowercase()) {
        line.to_owned()
    } else {
        format!("{platform} · {line}")
    }
}

async fn show(request: HttpRequest, visitor: Visitor, token: Path<String>) -> Page {
    let link = opened(&visitor, &token)?;
    let store = visitor.app.store.tenant(link.tenant);
    let tenant = store.tenant().await?;
    let row = store.conversations().get(link.conversation).await?;
    let query = Fields::parse(request.query_string().as_bytes());
    let before: Option<i64> = query.get("before").parse().ok();
    let messages = store
        .conversations()
        .messages(link.conversation, before, PAGE)
        .await?;
    let l = visitor.lang;
    let dates = visitor.dates(&tenant.settings.hours.time_zone);
    let contact = contact_name(&row, l);
    let here = format!("/history/{token}");
    let files = format!("{here}/files");
    let nothing = HashMap::new();
    let look = Look {
        l,
        dates: &dates,
        contact: &contact,
        kind: row.channel_kind,
        files: &files,
        conversation: "",
        csrf: "",
        dead: &nothing,
        doubtful: &[],
    };
    let first = messages.first().map_or(1, |m| m.seq);
    let page = HistoryPage {
        kind: row.channel_kind.name(),
        channel: channel_line(
            &kind_title(row.channel_kind, l),
            &line_title(row.channel_kind, &row.channel_name, l),
        ),
        expires: l.with("history-expires", "when", dates.short(link.expires_at).text),
        older: (first > 1).then(|| format!("{here}?before={first}")),
        newest: before.map(|_| here.clone()),
        messages: views(None, &messages, &look),
        contact: contact.clone(),
        s: Shell::without_session(&visitor),
    };
    let mut answer = html(StatusCode::OK, &page);
    files::keep_private(&mut answer);
    Ok(answer)
}

/// A file of that conversation and of no other.
async fn file(request: HttpRequest, visitor: Visitor, path: Path<(String, Uuid)>) -> Page {
    let (token, id) = path.into_inner();
    let link = opened(&visitor, &token)?;
    let store = visitor.app.store.tenant(link.tenant);
    let (file, message) = store.files().get(FileId(id)).await?;
    let message = store.conversations().message(message).await?;
    if message.conversation != link.conversation {
        return Err(PageError::NotFound);
    }
    let mut answer = files::send(&request, &visitor.app, link.tenant, &file).await?;
    files::keep_private(&mut answer);
    Ok(answer)
}
