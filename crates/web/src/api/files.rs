//! Files of messages.

use super::auth::Caller;
use super::problem::Problem;
use crate::edges::EdgeState;
use actix_web::http::header::{
    Charset, ContentDisposition, DispositionParam, DispositionType, ExtendedValue,
};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use domain::api_key::Scope;
use domain::ids::FileId;

/// `GET /files/{id}`. Whatever it is, it is to be saved and not to be run.
pub(super) async fn show(
    state: Data<EdgeState>,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let caller = Caller::of(&state, &request, Scope::Read).await?;
    let id: FileId = id.parse().map_err(|_| Problem::NotFound)?;
    let (file, message) = caller.store.files().get(id).await?;
    caller.reach(caller.store.files().channel(message).await?)?;
    let bytes = state.files.read(caller.tenant, id).await.map_err(|error| {
        tracing::warn!(%id, %error, "a file could not be read");
        Problem::NotFound
    })?;
    let name = DispositionParam::FilenameExt(ExtendedValue {
        charset: Charset::Ext("UTF-8".to_owned()),
        language_tag: None,
        value: file.name.into_bytes(),
    });
    Ok(HttpResponse::Ok()
        .content_type(file.mime)
        .insert_header(ContentDisposition {
            disposition: DispositionType::Attachment,
            parameters: vec![name],
        })
        .insert_header(("x-content-type-options", "nosniff"))
        .insert_header(("cache-control", "private, max-age=3600"))
        .body(bytes))
}
