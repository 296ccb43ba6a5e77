//! The moment a request leaves. Between a decision to send and the first byte on the wire lie a
//! connection, a handshake, a queue; a process may stand still in any of them and run on when others
//! have taken over. A body is asked for when it is about to be written, and asks for the right then.

use super::Right;
use crate::faults::{Point, point};
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use reqwest::{Client, Request, Response};
use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

/// What became of a request's body.
#[derive(Default)]
pub(super) struct Departure {
    left: AtomicBool,
    refused: AtomicBool,
}

impl Departure {
    /// Whether any of it was written.
    pub(super) fn has_left(&self) -> bool {
        self.left.load(Ordering::SeqCst)
    }

    /// Whether the right had lapsed when it was about to be.
    pub(super) fn is_refused(&self) -> bool {
        self.refused.load(Ordering::SeqCst)
    }
}

/// Sends a request that only leaves by right. One that the server says it has not looked at is sent
/// once more, as the client itself does with bodies that it can copy.
pub(super) async fn depart(
    client: &Client,
    request: Request,
    right: &Right,
) -> (reqwest::Result<Response>, Arc<Departure>) {
    let spare = request.try_clone();
    let (first, departure) = once(client, request, right).await;
    match (first, spare) {
        (Err(error), Some(spare)) if is_unread(&error) => once(client, spare, right).await,
        (first, _) => (first, departure),
    }
}

async fn once(
    client: &Client,
    mut request: Request,
    right: &Right,
) -> (reqwest::Result<Response>, Arc<Departure>) {
    let departure = Arc::new(Departure::default());
    match request.body_mut().take() {
        Some(inner) if !inner.is_end_stream() => {
            let body = Departing {
                inner,
                right: Arc::clone(right),
                departure: Arc::clone(&departure),
            };
            *request.body_mut() = Some(reqwest::Body::wrap(body));
        }
        // Nobody asks for a body with nothing in it, so nothing tells when it leaves.
        empty => {
            *request.body_mut() = empty;
            departure.left.store(true, Ordering::SeqCst);
        }
    }
    (client.execute(request).await, departure)
}

/// HTTP/2's way of saying that a request was not looked at (RFC 9113 §8.7).
fn is_unread(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<h2::Error>() {
            let reason = error.reason();
            let going = error.is_go_away() && reason == Some(h2::Reason::NO_ERROR);
            return error.is_remote() && (going || reason == Some(h2::Reason::REFUSED_STREAM));
        }
        cause = error.source();
    }
    false
}

struct Departing {
    inner: reqwest::Body,
    right: Right,
    departure: Arc<Departure>,
}

#[derive(Debug, thiserror::Error)]
#[error("the right to send has lapsed")]
struct Lapsed;

impl Body for Departing {
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        point(Point::BeforeCall);
        if !(self.right)() {
            self.departure.refused.store(true, Ordering::SeqCst);
            return Poll::Ready(Some(Err(Lapsed.into())));
        }
        let frame = Pin::new(&mut self.inner).poll_frame(cx);
        if matches!(frame, Poll::Ready(Some(Ok(_)))) {
            self.departure.left.store(true, Ordering::SeqCst);
        }
        frame.map_err(Into::into)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
