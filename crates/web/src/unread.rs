//! A body that nobody reads to its end is cut off with the answer.
//!
//! The server under us throws away the rest of a body in chunks once its reader is gone, to use the
//! connection again: whoever sends for ever would be listened to for ever. While the reader is still
//! there when the answer goes, it says `Connection: close` and hangs up, within a second. So the
//! reader of an unfinished body is kept until its answer is sent.

use actix_web::body::{BodySize, BoxBody, EitherBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _};
use bytes::Bytes;
use futures::Stream;
use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

/// A body being read; `None` when it has ended.
type Rest = Rc<RefCell<Option<Payload>>>;

/// What handlers read from.
struct Reader(Rest);

impl Stream for Reader {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut rest = self.0.borrow_mut();
        let Some(payload) = rest.as_mut() else {
            return Poll::Ready(None);
        };
        let next = Pin::new(payload).poll_next(context);
        if matches!(next, Poll::Ready(None | Some(Err(_)))) {
            *rest = None;
        }
        next
    }
}

/// An answer that goes while its request is still coming.
struct Early {
    body: BoxBody,
    _rest: Rest,
}

impl MessageBody for Early {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.get_mut().body).poll_next(context)
    }
}

/// Cuts off, as the outermost of all, what was not read.
///
/// # Errors
/// Those of the handlers.
pub async fn cut<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let rest: Option<Rest> = match request.take_payload() {
        Payload::None => None,
        payload => Some(Rc::new(RefCell::new(Some(payload)))),
    };
    if let Some(rest) = &rest {
        let payload = Box::pin(Reader(rest.clone()));
        request.set_payload(Payload::Stream { payload });
    }
    let answer = next.call(request).await?;
    Ok(match rest.filter(|rest| rest.borrow().is_some()) {
        None => answer.map_into_left_body(),
        Some(rest) => answer.map_body(|_, body| {
            let body = BoxBody::new(body);
            EitherBody::right(BoxBody::new(Early { body, _rest: rest }))
        }),
    })
}
