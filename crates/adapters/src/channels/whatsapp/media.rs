//! Fetching a contact's file in two steps (`channels.md` §2.5): the id gives an address that
//! lives five minutes, the address gives the bytes.

use super::errors;
use crate::channels::meta::graph::{Graph, MetaHttp};
use crate::channels::meta::json::Lenient;
use crate::channels::meta::media::{FetchError, MediaHosts, fetch, gone};
use crate::channels::meta::words;
use domain::outbound::{Failure, SendError};
use domain::ports::MediaStream;
use domain::secret::Secret;

/// What is needed to fetch files of one line.
pub(super) struct Fetcher<'a> {
    pub(super) http: &'a MetaHttp,
    pub(super) graph: &'a Graph,
    pub(super) hosts: &'a MediaHosts,
    pub(super) token: &'a Secret,
    pub(super) phone_number_id: &'a str,
}

/// Where a file is right now.
struct Place {
    url: String,
    mime: Option<String>,
    size: Option<u64>,
}

impl Fetcher<'_> {
    /// Opens a file; an address that has died meanwhile is asked for once more.
    pub(super) async fn open(&self, id: &str) -> Result<MediaStream, SendError> {
        for _ in 0..2 {
            let place = self.locate(id).await?;
            match fetch(self.http, self.hosts, &place.url, Some(self.token)).await {
                Ok(stream) => {
                    return Ok(MediaStream {
                        // The platform's own word about the type beats its file host's.
                        mime: place.mime.or(stream.mime),
                        size: place.size.or(stream.size),
                        ..stream
                    });
                }
                Err(FetchError::Gone) => {}
                Err(FetchError::Other(error)) => return Err(error),
            }
        }
        Err(gone())
    }

    async fn locate(&self, id: &str) -> Result<Place, SendError> {
        let query = [("phone_number_id", self.phone_number_id)];
        let answer = self.graph.ask(self.token, id, &query).await?;
        // «No such object» is about this file (ids live seven days), not about the token.
        if answer
            .error()
            .is_some_and(|e| matches!(e.code, Some(100 | 33)) || e.status == 404)
        {
            return Err(gone());
        }
        let body = answer.judged(
            errors::classify,
            crate::channels::meta::graph::Effect::Repeatable,
        )?;
        let missing = || {
            SendError::clear(
                Failure::Payload,
                "the platform names no address for the file",
            )
        };
        Ok(Place {
            url: body.text("url").map(str::to_owned).ok_or_else(missing)?,
            mime: body.text("mime_type").and_then(words::mime),
            size: body.whole("file_size").and_then(|n| u64::try_from(n).ok()),
        })
    }
}
