//! Where a benchmark keeps what it makes.

use anyhow::Context as _;
use std::path::PathBuf;

/// The benchmark's own folder; removed at the end.
pub(super) struct Folder(pub PathBuf);

impl Folder {
    pub(super) fn new() -> anyhow::Result<Self> {
        let path = std::env::temp_dir().join(format!("relevo-bench-{}", std::process::id()));
        std::fs::create_dir_all(&path).context("a folder for the benchmark")?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, "the benchmark's folder was left behind");
        }
    }
}
