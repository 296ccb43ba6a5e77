//! Takes a file in: capped, hashed and looked at on the way, into an unfinished file beside the
//! place where it will be. Whoever is killed meanwhile leaves that behind; [`sweep`] finds it.

use super::{hash, name, sniff};
use domain::message::StoredFile;
use domain::ports::{FileStoreError, NewFile};
use domain::time::Timestamp;
use futures::StreamExt;
use sha2::{Digest, Sha256};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::UNIX_EPOCH;
use tokio::fs::{self, File};
use tokio::io::AsyncWriteExt;

/// The ending of unfinished files.
const ENDING: &str = "part";

/// Tells the unfinished files of concurrent tries apart.
static TRY: AtomicU64 = AtomicU64::new(0);

/// A file that is whole but has no name yet; gone when it is dropped before it got one.
pub(super) struct Unfinished {
    pub(super) path: PathBuf,
    kept: bool,
}

impl Unfinished {
    /// It has its name now, or another place.
    pub(super) fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.kept {
            // Nothing left to report to; the next try uses another name.
            drop(std::fs::remove_file(&self.path));
        }
    }
}

/// Takes a file in beside `path`, whose folder is made. Durable when it returns.
pub(super) async fn receive(
    new: NewFile,
    path: &Path,
) -> Result<(Unfinished, StoredFile), FileStoreError> {
    let cap = new.cap;
    if new.stream.size.is_some_and(|size| size > cap) {
        return Err(FileStoreError::TooBig { cap });
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).await.map_err(failed)?;
    }
    let number = TRY.fetch_add(1, Ordering::Relaxed);
    let unfinished = Unfinished {
        path: path.with_extension(format!("{}-{number}.{ENDING}", std::process::id())),
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
    let mime = sniff::mime(&head, new.stream.mime.as_deref());
    let told = new.name.as_deref().or(new.stream.name.as_deref());
    let stored = StoredFile {
        id: new.id,
        name: name::display(told, &mime),
        mime,
        size,
        sha256: hex::encode(digest),
    };
    Ok((unfinished, stored))
}

/// Removes unfinished files that nobody has written to since `before`; answers how many.
pub(super) async fn sweep(folder: PathBuf, before: Timestamp) -> Result<u64, FileStoreError> {
    tokio::task::spawn_blocking(move || sweep_folder(&folder, before))
        .await
        .map_err(|error| FileStoreError::Io(error.to_string()))?
        .map_err(failed)
}

fn sweep_folder(folder: &Path, before: Timestamp) -> io::Result<u64> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        other => other?,
    };
    let mut removed = 0;
    for entry in entries {
        let (path, about) = match entry.and_then(|entry| Ok((entry.path(), entry.metadata()?))) {
            Ok(found) => found,
            // Finished or removed under our eyes.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        if about.is_dir() {
            removed += sweep_folder(&path, before)?;
            continue;
        }
        let written = about.modified()?.duration_since(UNIX_EPOCH);
        let old =
            written.is_ok_and(|at| i64::try_from(at.as_millis()).is_ok_and(|at| at < before.0));
        if old && path.extension().is_some_and(|ending| ending == ENDING) {
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => removed += 1,
            }
        }
    }
    Ok(removed)
}

pub(super) fn failed(error: io::Error) -> FileStoreError {
    FileStoreError::Io(error.kind().to_string())
}
