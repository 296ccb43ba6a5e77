//! Examples of what comes in at each door, kept in `fuzz/corpus`, and ways to damage them.

use std::path::Path;

/// The kept examples for a decoder, by name of their file. Panics where there are none: a decoder
/// without examples is not tested.
#[must_use]
#[allow(clippy::panic)]
pub fn examples(decoder: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    let listed = std::fs::read_dir(folder.join(decoder)).map(|entries| {
        let files = entries.filter_map(|entry| Some(entry.ok()?.path()));
        let mut read: Vec<(String, Vec<u8>)> = files
            .filter_map(|path| {
                let name = path.file_name()?.to_string_lossy().into_owned();
                Some((name, std::fs::read(&path).ok()?))
            })
            .collect();
        read.sort();
        read
    });
    match listed {
        Ok(read) if !read.is_empty() => read,
        _ => panic!("no examples for {decoder}"),
    }
}

/// A decoder of bytes that somebody else chose, under the name of its folder of examples.
pub type Door = (&'static str, fn(&[u8]));

/// Every kept example through its decoder.
pub fn kept(doors: &[Door]) {
    for (name, door) in doors {
        examples(name).iter().for_each(|(_, bytes)| door(bytes));
    }
}

/// Every kept example through its decoder, damaged in so many ways.
pub fn damaged_all(doors: &[Door], ways: u64) {
    for (name, door) in doors {
        for (_, bytes) in examples(name) {
            (0..ways).for_each(|seed| door(&damaged(&bytes, seed)));
        }
    }
}

/// The example with something wrong in it: cut, doubled, turned round, or with other signs in it.
/// The same seed damages alike.
#[must_use]
pub fn damaged(example: &[u8], seed: u64) -> Vec<u8> {
    const SIGNS: [&[u8]; 12] = [
        b"\"",
        b"{",
        b"}",
        b"[",
        b"]",
        b"null",
        b"-1",
        b"1e999",
        b"\\u0000",
        b"\\ud800",
        b"\xff",
        b"18446744073709551616",
    ];
    let mut state = seed.wrapping_add(example.len() as u64);
    // SplitMix64.
    let mut below = move |most: usize| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % most.max(1) as u64).unwrap_or_default()
    };
    let mut bytes = example.to_vec();
    for _ in 0..=below(3) {
        let (a, b) = (below(bytes.len() + 1), below(bytes.len() + 1));
        let (from, to) = (a.min(b), a.max(b));
        let near = to.min(from + 24);
        match below(6) {
            0 => bytes.truncate(to.max(from + 1).min(bytes.len())),
            1 => drop(bytes.drain(from..near)),
            2 => {
                let again = bytes[from..near].to_vec();
                bytes.splice(to..to, again);
            }
            3 => bytes[from..near].reverse(),
            4 => {
                let sign = SIGNS[below(SIGNS.len())];
                bytes.splice(from..near.min(from + sign.len()), sign.iter().copied());
            }
            _ => {
                if let Some(byte) = bytes.get_mut(from) {
                    *byte ^= 1 << below(8);
                }
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::damaged;

    #[test]
    fn the_same_seed_damages_alike_and_any_seed_damages_anything() {
        for example in [&b""[..], b"x", b"{\"id\": [1, 2, 3]}"] {
            for seed in 0..1000 {
                assert_eq!(damaged(example, seed), damaged(example, seed));
            }
        }
    }
}
