//! `<folder>/<tenant>/<xx>/<file>`, where `xx` are the last two digits of the file's id, so that
//! no folder grows too large. A file appears under its name only once it is whole.

use super::place::place;
use super::receive::{failed, receive, sweep};
use async_trait::async_trait;
use bytes::Bytes;
use domain::ids::{FileId, TenantId};
use domain::message::StoredFile;
use domain::ports::{FileStore, FileStoreError, NewFile};
use domain::time::Timestamp;
use std::io;
use std::path::{Path, PathBuf};
use tokio::fs::{self, File};

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
        self.folder.join(place(tenant, id))
    }
}

#[async_trait]
impl FileStore for LocalFiles {
    async fn put(&self, new: NewFile) -> Result<StoredFile, FileStoreError> {
        let path = self.path(new.tenant, new.id);
        let (unfinished, stored) = receive(new, &path).await?;
        fs::rename(&unfinished.path, &path).await.map_err(failed)?;
        unfinished.keep();
        // The name itself must survive a power cut too, and those of the folders above it, which
        // somebody else may have made just now.
        let top = self.folder.parent();
        for folder in path.ancestors().skip(1) {
            let opened = File::open(folder).await.map_err(failed)?;
            opened.sync_all().await.map_err(failed)?;
            if Some(folder) == top {
                break;
            }
        }
        Ok(stored)
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

    async fn sweep(&self, before: Timestamp) -> Result<u64, FileStoreError> {
        sweep(self.folder.clone(), before).await
    }
}
