//! `<folder>/<tenant>/<xx>/<file>`, where `xx` are the last two digits of the file's id, so that
//! no folder grows too large. A file appears under its name only once it is whole.

use super::{hash, name, sniff};
use async_trait::async_trait;
use bytes::Bytes;
use domain::ids::{FileId, TenantId};
use domain::message::StoredFile;
use domain::ports::{FileStore, FileStoreError, NewFile};
use futures::StreamExt;
use sha2::{Digest, Sha256};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::fs::{self, File};
use tokio::io::AsyncWriteExt;

/// Tells the unfinished files of concurrent tries apart.
static TRY: AtomicU64 = AtomicU64::new(0);

/// Files of messages in a folder.
#[derive(Clone, Debug)]
pub struct LocalFiles {
    folder: PathBuf,
}

impl LocalFiles {
    /// Keeps files in `<data_dir>/files`; the folder is made when the first file comes.
    #[must_use]
    pub fn new(data_dir: &Path) -> Self {
        Self {
            folder: data_dir.join("files"),
        }
    }

    fn path(&self, tenant: TenantId, id: FileId) -> PathBuf {
        let name = id.0.simple().to_string();
        let shard = name.get(30..).unwrap_or("00");
        self.folder
            .join(tenant.0.simple().to_string())
            .join(shard)
            .join(&name)
    }
}

/// A file that is being written; gone when it is dropped before it was finished.
struct Unfinished {
    path: PathBuf,
    kept: bool,
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.kept {
            // Nothing left to report to; the next try uses another name.
            drop(std::fs::remove_file(&self.path));
        }
    }
}

#[async_trait]
impl FileStore for LocalFiles {
    async fn put(&self, new: NewFile) -> Result<StoredFile, FileStoreError> {
        let cap = new.cap;
        if new.stream.size.is_some_and(|size| size > cap) {
            return Err(FileStoreError::TooBig { cap });
        }
        let path = self.path(new.tenant, new.id);
        let folder = path.parent().unwrap_or(&self.folder);
        fs::create_dir_all(folder).await.map_err(failed)?;
        let number = TRY.fetch_add(1, Ordering::Relaxed);
        let mut unfinished = Unfinished {
            path: path.with_extension(format!("{}-{number}.part", std::process::id())),
            kept: false,
        };
        let mut file = File::create(&unfinished.path).await.map_err(failed)?;
        let mut bytes = new.stream.bytes;
        let mut hasher = Sha256::new();
        let mut head = Vec::new();
        let mut size = 0_u64;
        while let Some(piece) = bytes.next().await {
            let piece = piece?;
            size = size.saturating_add(piece.len() as u64);
            if size > cap {
                return Err(FileStoreError::TooBig { cap });
            }
            hasher.update(&piece);
            let wanted = sniff::HEAD.saturating_sub(head.len()).min(piece.len());
            head.extend_from_slice(piece.get(..wanted).unwrap_or_default());
            file.write_all(&piece).await.map_err(failed)?;
        }
        let digest = hasher.finalize();
        let told = new.sha256.as_deref().filter(|told| !told.is_empty());
        if told.is_some_and(|told| !hash::fits(told, &digest)) {
            return Err(FileStoreError::Corrupt);
        }
        file.flush().await.map_err(failed)?;
        file.sync_all().await.map_err(failed)?;
        drop(file);
        fs::rename(&unfinished.path, &path).await.map_err(failed)?;
        unfinished.kept = true;
        // The name itself must survive a power cut too.
        let folder = File::open(folder).await.map_err(failed)?;
        folder.sync_all().await.map_err(failed)?;

        let mime = sniff::mime(&head, new.stream.mime.as_deref());
        let told = new.name.as_deref().or(new.stream.name.as_deref());
        Ok(StoredFile {
            id: new.id,
            name: name::display(told, &mime),
            mime,
            size,
            sha256: hex::encode(digest),
        })
    }

    async fn read(&self, tenant: TenantId, id: FileId) -> Result<Bytes, FileStoreError> {
        fs::read(self.path(tenant, id))
            .await
            .map(Bytes::from)
            .map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => FileStoreError::NotFound,
                _ => failed(error),
            })
    }

    async fn remove(&self, tenant: TenantId, id: FileId) -> Result<(), FileStoreError> {
        match fs::remove_file(self.path(tenant, id)).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(error)),
            _ => Ok(()),
        }
    }
}

fn failed(error: io::Error) -> FileStoreError {
    FileStoreError::Io(error.kind().to_string())
}
