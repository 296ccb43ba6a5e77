//! What programs wrote down about one file or folder, and what a disk holds of it.

use anyhow::{Result, ensure};

/// An entry, in the order in which things were done.
enum Entry<'j> {
    Written {
        at: usize,
        bytes: &'j [u8],
    },
    CutTo(usize),
    AtLeast(usize),
    /// What stood in the journal before this place is safe; so long was the file.
    Synced {
        before: usize,
        size: usize,
    },
    Names(&'j [u8]),
}

impl Entry<'_> {
    fn apply(&self, content: &mut Vec<u8>) {
        match *self {
            Self::Written { at, bytes } => {
                let end = at + bytes.len();
                content.resize(content.len().max(end), 0);
                content[at..end].copy_from_slice(bytes);
            }
            Self::CutTo(size) => content.resize(size, 0),
            Self::AtLeast(size) => content.resize(content.len().max(size), 0),
            Self::Synced { .. } | Self::Names(_) => {}
        }
    }
}

/// All entries and where each begins; one that a killed program did not finish is none.
fn entries(journal: &[u8]) -> Vec<(usize, Entry<'_>)> {
    let whole = journal.len();
    let mut journal = journal;
    let number = |piece: &[u8]| piece.try_into().map(u64::from_ne_bytes).ok();
    let mut all = Vec::new();
    while let Some((head, rest)) = journal.split_at_checked(24) {
        let numbers = [&head[..8], &head[8..16], &head[16..]].map(number);
        let [Some(kind), Some(at), Some(length)] = numbers else {
            break;
        };
        let Some((bytes, rest)) = rest.split_at_checked(length as usize) else {
            break;
        };
        let (at, begins) = (at as usize, whole - journal.len());
        let entry = match kind as u8 {
            b'w' => Entry::Written { at, bytes },
            b't' => Entry::CutTo(at),
            b'g' => Entry::AtLeast(at),
            b's' => Entry::Synced {
                before: at,
                size: number(bytes).unwrap_or_default() as usize,
            },
            _ => Entry::Names(bytes),
        };
        all.push((begins, entry));
        journal = rest;
    }
    all
}

/// What a disk holds of a file of which it once held `content`; of what was not synced it keeps
/// what `keeps` says. With the number of bytes that are lost.
///
/// # Errors
/// The file was longer when it was synced than what was written down: something wrote to it
/// unseen.
pub fn file(
    mut content: Vec<u8>,
    journal: &[u8],
    mut keeps: impl FnMut() -> bool,
) -> Result<(Vec<u8>, u64)> {
    let all = entries(journal);
    let synced = all.iter().filter_map(|(_, entry)| match entry {
        Entry::Synced { before, size } => Some((*before, *size)),
        _ => None,
    });
    let (safe, size) = synced.max().unwrap_or_default();
    let (safe, rest) = all.split_at(all.partition_point(|(begins, _)| *begins < safe));
    safe.iter().for_each(|(_, entry)| entry.apply(&mut content));
    ensure!(content.len() >= size, "a file was written to unseen");
    let mut lost = 0;
    for (_, entry) in rest {
        if keeps() {
            entry.apply(&mut content);
        } else if let Entry::Written { bytes, .. } = entry {
            lost += bytes.len() as u64;
        }
    }
    Ok((content, lost))
}

/// What a folder held when it was last synced; `None`: never since.
pub fn names(journal: &[u8]) -> Option<Vec<u8>> {
    let names = |(_, entry): &(usize, Entry<'_>)| match entry {
        Entry::Names(names) => Some(names.to_vec()),
        _ => None,
    };
    entries(journal).iter().rev().find_map(names)
}
