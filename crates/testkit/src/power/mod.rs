//! The power fails: a disk forgets what was not synced.
//!
//! A small library between programs and the C library writes down what they write and what they
//! sync ([`journal`]). After they were killed, their folder is made anew as a disk would have it:
//! of a file what was written before its last sync, of a folder the names it held at its own last
//! sync. That is as strict as POSIX allows, and stricter than most file systems are.

mod journal;

use crate::shim::{self, open_to_all};
use anyhow::{Context, Result};
use std::fs::{self, Metadata, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;
use tempfile::TempDir;

const SOURCE: &str = include_str!("power.c");

/// What a disk keeps of what was not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Nothing.
    Nothing,
    /// About half of the writes, chosen by this seed: disks write in an order of their own.
    Some(u64),
}

/// A disk whose power can fail.
#[derive(Debug)]
pub struct Power {
    folder: TempDir,
}

impl Power {
    /// Compiles the library.
    ///
    /// # Errors
    /// There is no C compiler (package gcc).
    pub fn new() -> Result<Self> {
        let folder = shim::compile(SOURCE)?;
        let power = Self { folder };
        power.forget()?;
        Ok(power)
    }

    /// The environment of a program whose files below `folder` are on this disk.
    #[must_use]
    pub fn environment(&self, folder: &Path) -> Vec<(String, String)> {
        vec![
            ("LD_PRELOAD".to_owned(), self.text("shim.so")),
            ("POWER_JOURNAL".to_owned(), self.text("journal")),
            ("POWER_BELOW".to_owned(), folder.display().to_string()),
        ]
    }

    /// From here on: all that `folder` holds now is safe. Nobody may be writing to it.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn begins(&self, folder: &Path) -> Result<()> {
        self.forget()?;
        self.hold(folder)
    }

    /// The power fails: makes `folder` anew as the disk has it, and begins from there. All programs
    /// that wrote to it must have been killed. Answers how many written bytes were lost.
    ///
    /// # Errors
    /// What was written down does not explain what was synced.
    pub fn fails(&self, folder: &Path, kept: Kept) -> Result<u64> {
        let about = fs::metadata(folder)?;
        let mut disk = Disk {
            power: self,
            owner: (about.uid(), about.gid()),
            mode: about.permissions(),
            kept,
            asked: 0,
            lost: 0,
        };
        let id = identity(&about)?;
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            match path.symlink_metadata()?.is_dir() {
                true => fs::remove_dir_all(path)?,
                false => fs::remove_file(path)?,
            }
        }
        disk.folder(&id, folder)?;
        let lost = disk.lost;
        self.begins(folder)?;
        Ok(lost)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    fn forget(&self) -> Result<()> {
        for name in ["journal", "held"] {
            let folder = self.path(name);
            if folder.exists() {
                fs::remove_dir_all(&folder)?;
            }
            fs::create_dir(&folder)?;
            open_to_all(&folder)?;
        }
        Ok(())
    }

    /// Remembers what a folder and all below it hold now.
    fn hold(&self, folder: &Path) -> Result<()> {
        let mut names = Vec::new();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let about = path.symlink_metadata()?;
            let kind = match (about.is_dir(), about.is_file()) {
                (true, _) => 'd',
                (_, true) => 'f',
                _ => continue,
            };
            let id = identity(&about)?;
            let name = path.file_name().context("name")?.to_string_lossy();
            names.extend(format!("{kind}{id}/{name}\0").into_bytes());
            match kind {
                'd' => self.hold(&path)?,
                _ => drop(fs::copy(&path, self.path("held").join(id))?),
            }
        }
        let id = identity(&fs::metadata(folder)?)?;
        Ok(fs::write(self.path("held").join(id), names)?)
    }

    fn read(&self, place: &str, id: &str) -> Vec<u8> {
        // What nobody has held or written down is empty.
        fs::read(self.path(place).join(id)).unwrap_or_default()
    }
}

/// A number is used again after a file is gone; together with its birth it is not.
fn identity(about: &Metadata) -> Result<String> {
    let born = about
        .created()
        .context("this file system tells no births")?;
    let born = born.duration_since(UNIX_EPOCH)?;
    let (seconds, rest) = (born.as_secs(), born.subsec_nanos());
    Ok(format!("{}-{seconds}.{rest:09}", about.ino()))
}

/// A folder being made anew.
struct Disk<'p> {
    power: &'p Power,
    owner: (u32, u32),
    mode: Permissions,
    kept: Kept,
    asked: u64,
    lost: u64,
}

impl Disk<'_> {
    fn folder(&mut self, id: &str, folder: &Path) -> Result<()> {
        let held = || self.power.read("held", id);
        let names = journal::names(&self.power.read("journal", id)).unwrap_or_else(held);
        for entry in String::from_utf8(names)?.split_terminator('\0') {
            let (head, name) = entry.split_once('/').context("a name")?;
            let (kind, id) = head.split_at(1);
            let path = folder.join(name);
            if kind == "d" {
                fs::create_dir(&path)?;
                fs::set_permissions(&path, self.mode.clone())?;
                self.folder(id, &path)?;
            } else {
                self.file(id, &path)?;
            }
            chown(&path, Some(self.owner.0), Some(self.owner.1))?;
        }
        Ok(())
    }

    fn file(&mut self, id: &str, path: &Path) -> Result<()> {
        let journal = self.power.read("journal", id);
        let held = self.power.read("held", id);
        let (kept, mut asked) = (self.kept, self.asked);
        let keeps = || {
            asked += 1;
            matches!(kept, Kept::Some(seed) if mixed(seed ^ asked).is_multiple_of(2))
        };
        let (content, lost) =
            journal::file(held, &journal, keeps).with_context(|| path.display().to_string())?;
        self.asked = asked;
        self.lost += lost;
        fs::write(path, content)?;
        Ok(fs::set_permissions(path, Permissions::from_mode(0o600))?)
    }
}

/// The finish of SplitMix64: neighbours become unlike.
fn mixed(seed: u64) -> u64 {
    let mut mixed = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    fn run(power: &Power, folder: &Path, line: &str) -> Result<()> {
        let mut command = Command::new("sh");
        command.args(["-c", line]).current_dir(folder);
        let done = command.envs(power.environment(folder)).output()?;
        anyhow::ensure!(done.status.success(), "{done:?}");
        Ok(())
    }

    #[test]
    fn what_was_not_synced_is_gone_and_what_was_synced_is_there() -> Result<()> {
        let power = Power::new()?;
        let folder = TempDir::new()?;
        let at = |name: &str| folder.path().join(name);
        for name in ["written", "synced", "cut"] {
            fs::write(at(name), "old words")?;
        }
        power.begins(folder.path())?;
        let lines = [
            "echo new | dd of=written conv=notrunc",
            "echo new | dd of=synced conv=notrunc,fdatasync",
            "echo late | dd of=synced conv=notrunc oflag=append",
            ": > cut",
            // A name is safe once its folder is.
            "mkdir inner; echo in | dd of=inner/file conv=fsync; sync inner .",
            "echo empty > empty; sync .; rm written; echo more >> inner/file",
            "echo nameless | dd of=nameless conv=fsync",
        ];
        for line in lines {
            run(&power, folder.path(), line)?;
        }
        let lost = power.fails(folder.path(), Kept::Nothing)?;
        assert_eq!(fs::read_to_string(at("written"))?, "old words");
        assert_eq!(fs::read_to_string(at("synced"))?, "new\nwords");
        assert_eq!(fs::read_to_string(at("cut"))?, "old words");
        assert_eq!(fs::read_to_string(at("inner/file"))?, "in\n");
        assert!(!at("nameless").exists());
        assert_eq!(fs::read_to_string(at("empty"))?, "");
        assert_eq!(lost, 4 + 5 + 6 + 5);
        Ok(())
    }

    #[test]
    fn a_disk_may_keep_some_of_what_was_not_synced_and_lies_if_told_to() -> Result<()> {
        let power = Power::new()?;
        let folder = TempDir::new()?;
        let file = folder.path().join("file");
        let dots = || vec![b'.'; 64];
        fs::write(&file, dots())?;
        power.begins(folder.path())?;
        let line = "for n in $(seq 0 63); do printf X | dd of=file bs=1 seek=$n conv=notrunc; done";
        run(&power, folder.path(), line)?;
        let lost = power.fails(folder.path(), Kept::Some(7))?;
        let kept = fs::read(&file)?.iter().filter(|it| **it == b'X').count();
        assert_eq!(kept as u64 + lost, 64);
        assert!((16..48).contains(&kept), "{kept}");
        fs::write(&file, dots())?;
        power.begins(folder.path())?;
        let line = "printf X | POWER_DEAF=1 dd of=file conv=notrunc,fsync";
        run(&power, folder.path(), line)?;
        assert_eq!(power.fails(folder.path(), Kept::Nothing)?, 1);
        assert_eq!(fs::read(&file)?, dots());
        Ok(())
    }
}
