//! Files in a bucket of Amazon S3 or of a server that speaks its protocol (MinIO, Ceph, R2...).
//!
//! A file is first taken in whole on the local disk, so that its size is known, its hash is
//! checked, and nothing of it is in the bucket when its source breaks off; then it is streamed up
//! in one request, which the bucket shows only when it is complete.

use super::place::place;
use super::receive::{failed, receive, sweep};
use super::s3_address::S3Address;
use async_trait::async_trait;
use bytes::Bytes;
use domain::ids::{FileId, TenantId};
use domain::message::StoredFile;
use domain::ports::{Clock, FileStore, FileStoreError, NewFile};
use domain::time::Timestamp;
use futures::stream;
use reqwest::{Body, Client, Response, StatusCode, header};
use rusty_s3::S3Action;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::fs::File;
use tokio::io::AsyncReadExt;
use url::Url;

/// For how long a signed request is good; it is sent at once.
const SIGNED_FOR: Duration = Duration::from_secs(300);
/// The time limit of one request.
const LIMIT: Duration = Duration::from_secs(120);
/// How much is read from the disk at a time.
const PIECE: usize = 64 * 1024;

/// Files of messages in a bucket.
pub struct S3Files {
    address: S3Address,
    http: Client,
    clock: Arc<dyn Clock>,
    /// Where files wait that are being taken in.
    folder: PathBuf,
}

impl S3Files {
    /// Keeps files at `address`; `data_dir` holds those that are being taken in.
    #[must_use]
    pub fn new(address: S3Address, http: Client, clock: Arc<dyn Clock>, data_dir: &Path) -> Self {
        Self {
            address,
            http,
            clock,
            folder: data_dir.join("incoming"),
        }
    }

    fn key(&self, tenant: TenantId, id: FileId) -> String {
        format!("{}{}", self.address.prefix, place(tenant, id))
    }

    /// The signed address of a request. It is as good as a password for a while: never logged.
    fn signed<'a>(&self, action: &impl S3Action<'a>) -> Result<Url, FileStoreError> {
        let now = jiff::Timestamp::from_millisecond(self.clock.now().0)
            .map_err(|_| FileStoreError::Io("the clock is off".to_owned()))?;
        Ok(action.sign_with_time(SIGNED_FOR, &now))
    }
}

#[async_trait]
impl FileStore for S3Files {
    async fn put(&self, new: NewFile) -> Result<StoredFile, FileStoreError> {
        let key = self.key(new.tenant, new.id);
        let waiting = self.folder.join(new.id.0.simple().to_string());
        let (unfinished, stored) = receive(new, &waiting).await?;
        let file = File::open(&unfinished.path).await.map_err(failed)?;
        let (bucket, keys) = (&self.address.bucket, &self.address.credentials);
        let url = self.signed(&bucket.put_object(Some(keys), &key))?;
        let sent = self
            .http
            .put(url)
            .timeout(LIMIT)
            .header(header::CONTENT_LENGTH, stored.size)
            // What a browser would do with it is decided where it is shown, not here.
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .body(Body::wrap_stream(pieces(file)))
            .send()
            .await;
        taken(sent.map_err(unreachable)?)?;
        Ok(stored)
    }

    async fn read(&self, tenant: TenantId, id: FileId) -> Result<Bytes, FileStoreError> {
        let key = self.key(tenant, id);
        let (bucket, keys) = (&self.address.bucket, &self.address.credentials);
        let url = self.signed(&bucket.get_object(Some(keys), &key))?;
        let asked = self.http.get(url).timeout(LIMIT).send().await;
        let answer = taken(asked.map_err(unreachable)?)?;
        answer.bytes().await.map_err(unreachable)
    }

    async fn remove(&self, tenant: TenantId, id: FileId) -> Result<(), FileStoreError> {
        let key = self.key(tenant, id);
        let (bucket, keys) = (&self.address.bucket, &self.address.credentials);
        let url = self.signed(&bucket.delete_object(Some(keys), &key))?;
        let asked = self.http.delete(url).timeout(LIMIT).send().await;
        match taken(asked.map_err(unreachable)?) {
            Err(FileStoreError::NotFound) => Ok(()),
            other => other.map(drop),
        }
    }

    async fn sweep(&self, before: Timestamp) -> Result<u64, FileStoreError> {
        sweep(self.folder.clone(), before).await
    }

    async fn ping(&self) -> Result<(), FileStoreError> {
        let (bucket, keys) = (&self.address.bucket, &self.address.credentials);
        let url = self.signed(&bucket.head_bucket(Some(keys)))?;
        let asked = self.http.head(url).timeout(LIMIT).send().await;
        taken(asked.map_err(unreachable)?).map(drop)
    }
}

fn pieces(file: File) -> impl futures::Stream<Item = std::io::Result<Bytes>> + Send + 'static {
    stream::try_unfold(file, |mut file| async move {
        let mut piece = vec![0; PIECE];
        let read = file.read(&mut piece).await?;
        piece.truncate(read);
        Ok((read > 0).then(|| (Bytes::from(piece), file)))
    })
}

fn taken(answer: Response) -> Result<Response, FileStoreError> {
    match answer.status() {
        status if status.is_success() => Ok(answer),
        StatusCode::NOT_FOUND => Err(FileStoreError::NotFound),
        // The body may repeat what was signed: the number says enough.
        status => Err(FileStoreError::Io(format!(
            "the bucket answered {}",
            status.as_u16()
        ))),
    }
}

/// Without the address, which holds a signature.
fn unreachable(error: reqwest::Error) -> FileStoreError {
    let why = match () {
        () if error.is_timeout() => "the bucket did not answer in time",
        () if error.is_connect() => "the bucket cannot be reached",
        () => "the connection to the bucket broke off",
    };
    FileStoreError::Io(why.to_owned())
}
