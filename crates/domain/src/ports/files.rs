//! Where files of messages are kept.

use crate::ids::{FileId, TenantId};
use crate::message::StoredFile;
use crate::ports::MediaStream;
use crate::time::Timestamp;
use async_trait::async_trait;
use bytes::Bytes;

/// A file to keep.
pub struct NewFile {
    /// Owner.
    pub tenant: TenantId,
    /// Identity.
    pub id: FileId,
    /// Name as told; the extension is corrected by what the bytes are.
    pub name: Option<String>,
    /// The most bytes that are taken.
    pub cap: u64,
    /// Base64 or hexadecimal SHA-256 as told by the platform; checked.
    pub sha256: Option<String>,
    /// The bytes.
    pub stream: MediaStream,
}

/// Why a file could not be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum FileStoreError {
    /// Larger than the cap; what was read is thrown away.
    #[error("larger than {cap} bytes")]
    TooBig {
        /// The cap.
        cap: u64,
    },
    /// The hash told by the platform does not fit.
    #[error("hash does not match")]
    Corrupt,
    /// The source broke off.
    #[error(transparent)]
    Source(#[from] crate::outbound::SendError),
    /// No such file of this tenant.
    #[error("no such file")]
    NotFound,
    /// The disk or the object store failed: try again.
    #[error("file store: {0}")]
    Io(String),
}

/// Where files of messages are kept, per tenant.
#[async_trait]
pub trait FileStore: Send + Sync {
    /// Streams a file in, capped and hashed on the way; MIME type and name come from the bytes.
    ///
    /// # Errors
    /// See [`FileStoreError`]. Nothing is kept on error.
    async fn put(&self, new: NewFile) -> Result<StoredFile, FileStoreError>;

    /// Reads a whole file (they are capped).
    ///
    /// # Errors
    /// `NotFound` also for another tenant's file.
    async fn read(&self, tenant: TenantId, id: FileId) -> Result<Bytes, FileStoreError>;

    /// Removes a file; removing what is not there is no error.
    ///
    /// # Errors
    /// `Io`.
    async fn remove(&self, tenant: TenantId, id: FileId) -> Result<(), FileStoreError>;

    /// Removes what killed processes left unfinished and nobody has written to since `before`;
    /// answers how many.
    ///
    /// # Errors
    /// `Io`.
    async fn sweep(&self, before: Timestamp) -> Result<u64, FileStoreError> {
        let _ = before;
        Ok(0)
    }

    /// Whether files can be kept now.
    ///
    /// # Errors
    /// `Io`, or `NotFound` when the place itself does not exist.
    async fn ping(&self) -> Result<(), FileStoreError> {
        Ok(())
    }
}
