//! The master key that is generated for the default database, in a file that only its owner
//! can read.

use super::SettingsError;
use adapters::vault::MasterKeys;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use zeroize::Zeroizing;

/// The file's name in the data folder.
const FILE: &str = "master.key";

/// The key in `data_dir`; generated if it is missing and `generate` is set.
pub(super) fn from_file(
    data_dir: &Path,
    generate: bool,
) -> Result<Option<MasterKeys>, SettingsError> {
    let file = data_dir.join(FILE);
    let refuse = |why: String| SettingsError::MasterKeyFile {
        file: file.clone(),
        why,
    };
    match read(&file) {
        Ok(text) => {
            let keys = MasterKeys::parse(text.trim());
            return keys.map(Some).map_err(|error| refuse(error.to_string()));
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(refuse(error.to_string())),
    }
    if !generate {
        return Ok(None);
    }
    let key = MasterKeys::generate().map_err(|error| refuse(error.to_string()))?;
    write(data_dir, &file, &key).map_err(|error| refuse(error.to_string()))?;
    // Read back: of two processes that start at once, both use the file's.
    let text = read(&file).map_err(|error| refuse(error.to_string()))?;
    let keys = MasterKeys::parse(text.trim());
    keys.map(Some).map_err(|error| refuse(error.to_string()))
}

fn read(file: &Path) -> std::io::Result<Zeroizing<String>> {
    let mode = fs::metadata(file)?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(std::io::Error::other(format!(
            "others may read it (mode {:o}); chmod 600 it, and consider the key known",
            mode & 0o777
        )));
    }
    fs::read_to_string(file).map(Zeroizing::new)
}

/// Written beside and put in place whole: nobody ever reads half a key, and a key that is
/// there is never overwritten.
fn write(data_dir: &Path, file: &Path, key: &str) -> std::io::Result<()> {
    fs::create_dir_all(data_dir)?;
    let beside = data_dir.join(format!("{FILE}.{}", std::process::id()));
    let mut out = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&beside)?;
    out.write_all(key.as_bytes())?;
    out.write_all(b"\n")?;
    out.sync_all()?;
    let placed = match fs::hard_link(&beside, file) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    };
    fs::remove_file(&beside)?;
    placed
}
