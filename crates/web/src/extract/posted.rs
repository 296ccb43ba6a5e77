//! A form that one of our own pages sent.

use super::{Fields, Visitor};
use crate::pages::error::PageError;
use crate::security::csrf;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use futures::future::LocalBoxFuture;

/// A form that one of our own pages sent: origin and token are checked before anything is read
/// from it.
pub struct Posted(pub Fields);

impl FromRequest for Posted {
    type Error = PageError;
    type Future = LocalBoxFuture<'static, Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let session = Visitor::of(request).map(|v| v.session);
        let ours = csrf::same_site(request);
        let body = web::Bytes::from_request(request, payload);
        Box::pin(async move {
            let session = session.ok_or(PageError::Forged)?;
            let body = body.await.map_err(|_| PageError::TooLarge)?;
            let fields = Fields::parse(&body);
            if ours && csrf::fits(&session, fields.get("csrf")) {
                Ok(Self(fields))
            } else {
                Err(PageError::Forged)
            }
        })
    }
}
