//! Everything of a company as one stream of JSON lines: page by page, so that the memory it takes
//! does not grow with what is stored.

use crate::extract::{Owner, Posted};
use crate::pages::Page;
use crate::pages::error::PageError;
use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::Bytes;
use adapters::store::{After, Change, Object, Part, TenantStore};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::audit::{Action, ObjectKind};
use domain::ids::FileId;
use domain::ports::FileStore;
use futures::Stream;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::Arc;

/// Rows read at once.
const PAGE: u64 = 500;

pub(super) async fn download(Owner(member): Owner, form: Posted) -> Page {
    let app = &member.visitor.app;
    let files = form.0.on("files").then(|| app.files.clone());
    let change = Change::of(Action::DataExported, Object::only(ObjectKind::Tenant));
    member.store.audit().record(change).await?;
    let day: String = app.clock.now().to_rfc3339().chars().take(10).collect();
    let name = format!("relevo-{}-{day}.ndjson", member.tenant.slug);
    let whole = Whole {
        store: member.store.clone(),
        files,
        parts: Part::ALL.to_vec().into(),
        after: None,
        contents: VecDeque::new(),
        ended: false,
    };
    Ok(HttpResponse::Ok()
        .content_type("application/x-ndjson")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ))
        .streaming(lines(whole)))
}

/// How far an export is.
struct Whole {
    store: TenantStore,
    /// Where the files' bytes are, if they are wanted.
    files: Option<Arc<dyn FileStore>>,
    /// What is still to come, this one first.
    parts: VecDeque<Part>,
    after: Option<After>,
    /// Files whose bytes come next.
    contents: VecDeque<FileId>,
    ended: bool,
}

/// A file that broke off lacks its last line, `{"type":"end"}`.
fn lines(whole: Whole) -> impl Stream<Item = Result<Bytes, PageError>> {
    futures::stream::try_unfold(whole, |mut whole| async move {
        let next = whole.next().await?;
        Ok(next.map(|bytes| (bytes, whole)))
    })
}

impl Whole {
    async fn next(&mut self) -> Result<Option<Bytes>, PageError> {
        if let Some(id) = self.contents.pop_front() {
            return self.content(id).await.map(Some);
        }
        let Some(part) = self.parts.front().copied() else {
            let last = (!self.ended).then(|| Bytes::from_static(b"{\"type\":\"end\"}\n"));
            self.ended = true;
            return Ok(last);
        };
        let (rows, after) = self.store.export(part, self.after, PAGE).await?;
        if part == Part::Files && self.files.is_some() {
            let ids = rows.iter().filter_map(|row| row.get("id")?.as_str());
            self.contents
                .extend(ids.filter_map(|id| id.parse::<FileId>().ok()));
        }
        self.after = after;
        if after.is_none() {
            self.parts.pop_front();
        }
        let mut text = String::new();
        for row in rows {
            text.push_str(&line(part.name(), row));
        }
        Ok(Some(text.into()))
    }

    /// A file with its bytes; one at a time is in memory.
    async fn content(&self, id: FileId) -> Result<Bytes, PageError> {
        let read = match &self.files {
            Some(files) => files.read(self.store.id(), id).await,
            None => return Ok(Bytes::new()),
        };
        let told = match read {
            Ok(bytes) => json!({"id": id, "base64": STANDARD.encode(bytes)}),
            Err(error) => {
                tracing::warn!(%id, %error, "a file is missing in an export");
                json!({"id": id, "missing": true})
            }
        };
        Ok(line("file_content", told).into())
    }
}

/// One document on a line of its own, its type first.
fn line(kind: &str, row: Value) -> String {
    let mut document = serde_json::Map::from_iter([("type".to_owned(), kind.into())]);
    if let Value::Object(fields) = row {
        document.extend(fields);
    }
    format!("{}\n", Value::Object(document))
}
