//! Services shared by all test processes of one run.
//!
//! A run is what one `cargo` process starts (nextest runs every test in a process of its own).
//! The first test that needs a service starts it under a lock; a small watcher waits for that
//! `cargo` to end, stops everything and removes the folder, however the run ended. A test
//! started by hand is a run of its own.

use anyhow::{Context, Result};
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Waits for process `$1` to end, stops what left its number in `$2/*.pid`, removes `$2`.
const WATCHER: &str = r#"
tail --pid="$1" -f /dev/null
for file in "$2"/*.pid "$2"/postgres/data/postmaster.pid; do
  [ -f "$file" ] || continue
  pid=$(head -n 1 "$file")
  kill -QUIT "$pid" 2>/dev/null
  timeout 10 tail --pid="$pid" -f /dev/null
done
rm -rf "$2"
"#;

/// The address of the service `name` of this run; `start` is called if it is not running yet,
/// with the run's folder, and answers with the address.
///
/// # Errors
/// It could not be started.
pub(crate) fn service(name: &str, start: impl FnOnce(&Path) -> Result<String>) -> Result<String> {
    let (folder, owner) = folder();
    fs::create_dir_all(&folder)?;
    let lock = File::create(folder.join("lock"))?;
    lock.lock().context("the run's lock")?;
    let address = folder.join(format!("{name}.url"));
    if let Ok(address) = fs::read_to_string(&address) {
        return Ok(address);
    }
    // PostgreSQL runs as another user and must be able to look inside.
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755))?;
    let watched = folder.join("watched");
    if !watched.exists() {
        watch(owner, &folder)?;
        File::create(watched)?;
    }
    let url = start(&folder).with_context(|| format!("a private {name} for this run"))?;
    fs::write(&address, &url)?;
    Ok(url)
}

fn folder() -> (PathBuf, u32) {
    let parent = std::os::unix::process::parent_id();
    let by_cargo = fs::read_to_string(format!("/proc/{parent}/comm"))
        .is_ok_and(|name| name.starts_with("cargo"));
    let owner = if by_cargo { parent } else { std::process::id() };
    let folder = std::env::temp_dir().join(format!("relevo-test-{owner}"));
    (folder, owner)
}

fn watch(owner: u32, folder: &Path) -> Result<()> {
    // In a process group of its own, or it would be killed together with a test.
    Command::new("setsid")
        .args(["--fork", "sh", "-c", WATCHER, "watcher", &owner.to_string()])
        .arg(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .context("setsid")?;
    Ok(())
}
