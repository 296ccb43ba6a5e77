//! A disk to be mistreated: full, slow, or failing, for programs that are started upon it.
//!
//! No mount and no rights are needed: a small library, compiled here, stands between the program
//! and the C library (`LD_PRELOAD`). Without a C compiler the test fails and says so; it never
//! passes without its fault.

use crate::shim;
use anyhow::Result;
use std::fs;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

const SOURCE: &str = include_str!("disk.c");

/// What a disk does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// As it should.
    Well,
    /// No file can grow (`ENOSPC`).
    Full,
    /// Every sync takes so much longer.
    Slow(Duration),
    /// No sync succeeds (`EIO`).
    Failing,
}

/// A disk in a mood; well at first.
#[derive(Debug)]
pub struct Disk {
    folder: TempDir,
}

impl Disk {
    /// Compiles the library.
    ///
    /// # Errors
    /// There is no C compiler (package gcc).
    pub fn new() -> Result<Self> {
        let folder = shim::compile(SOURCE)?;
        let disk = Self { folder };
        disk.becomes(Mood::Well)?;
        Ok(disk)
    }

    /// Changes its mood, for programs that run too.
    ///
    /// # Errors
    /// The real disk is full.
    pub fn becomes(&self, mood: Mood) -> Result<()> {
        let words = match mood {
            Mood::Well => String::new(),
            Mood::Full => "full".to_owned(),
            Mood::Slow(by) => format!("slow {}", by.as_millis()),
            Mood::Failing => "fail".to_owned(),
        };
        // In one step: a half-written word is no mood.
        let next = self.folder.path().join("next");
        fs::write(&next, words)?;
        Ok(fs::rename(next, self.folder.path().join("mood"))?)
    }

    /// How often it has done to somebody what its mood says.
    #[must_use]
    pub fn strikes(&self) -> u64 {
        fs::metadata(self.folder.path().join("mood.struck")).map_or(0, |file| file.len())
    }

    /// The environment of a program whose files below `folder` are on this disk.
    #[must_use]
    pub fn environment(&self, folder: &Path) -> Vec<(String, String)> {
        let here = |name: &str| self.folder.path().join(name).display().to_string();
        vec![
            ("LD_PRELOAD".to_owned(), here("shim.so")),
            ("DISK_MOOD".to_owned(), here("mood")),
            ("DISK_BELOW".to_owned(), folder.display().to_string()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn a_full_disk_lets_no_file_grow_and_a_slow_one_takes_its_time() -> Result<()> {
        let disk = Disk::new()?;
        let folder = TempDir::new()?;
        let run = |line: &str| {
            Command::new("sh")
                .args(["-c", line])
                .current_dir(folder.path())
                .envs(disk.environment(folder.path()))
                .output()
        };
        assert!(
            run("dd if=/dev/zero of=file bs=9000 count=1")?
                .status
                .success()
        );
        disk.becomes(Mood::Full)?;
        assert!(
            !run("dd if=/dev/zero of=other bs=9000 count=1")?
                .status
                .success()
        );
        assert!(
            run("dd if=/dev/zero of=file bs=4096 count=1 conv=notrunc")?
                .status
                .success()
        );
        assert_eq!(disk.strikes(), 1);
        disk.becomes(Mood::Failing)?;
        let synced = run("dd if=/dev/zero of=file bs=4096 count=1 conv=notrunc,fsync")?;
        assert!(!synced.status.success());
        disk.becomes(Mood::Slow(Duration::from_millis(1)))?;
        let synced = run("dd if=/dev/zero of=file bs=4096 count=1 conv=notrunc,fsync")?;
        assert!(synced.status.success());
        assert_eq!(disk.strikes(), 3);
        Ok(())
    }
}
