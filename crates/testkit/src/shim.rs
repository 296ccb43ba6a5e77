//! Compiles what stands between a program and the C library (`LD_PRELOAD`).

use anyhow::{Context, Result, ensure};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// A folder with the library `shim.so` in it, which programs of other users may write to.
///
/// # Errors
/// There is no C compiler (package gcc).
pub(crate) fn compile(source: &str) -> Result<TempDir> {
    let folder = TempDir::with_prefix("relevo-disk-")?;
    open_to_all(folder.path())?;
    let file = folder.path().join("shim.c");
    fs::write(&file, source)?;
    let done = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .arg(folder.path().join("shim.so"))
        .arg(&file)
        .arg("-ldl")
        .output()
        .context("a C compiler is needed to mistreat a disk (package gcc)")?;
    ensure!(
        done.status.success(),
        "cc: {}",
        String::from_utf8_lossy(&done.stderr)
    );
    Ok(folder)
}

/// A database runs as another user and writes down what happened.
pub(crate) fn open_to_all(folder: &Path) -> Result<()> {
    Ok(fs::set_permissions(
        folder,
        fs::Permissions::from_mode(0o777),
    )?)
}
