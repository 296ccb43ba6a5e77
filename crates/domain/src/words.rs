//! Comparing words the way people mean them: «AGÉNTE» is «agente», «¡humano!» is «humano».

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The words of a text: decomposed, without accents, in lower case, one space between words.
///
/// A word is a run of letters and digits; a pictogram is a word of its own. Everything else
/// separates. The work is proportional to the length of the text.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut in_word = false;
    let plain = text
        .nfkd()
        .filter(|c| !is_combining_mark(*c) && !is_skin_tone(*c));
    for c in plain.flat_map(char::to_lowercase) {
        if is_combining_mark(c) {
            continue; // «İ» decomposes once more when it becomes lower-case
        }
        let word = c.is_alphanumeric();
        if word || is_pictogram(c) {
            let continues = word && in_word;
            if !continues && !folded.is_empty() {
                folded.push(' ');
            }
            folded.push(c);
        }
        in_word = word;
    }
    folded
}

/// Whether two texts are the same words, at least one.
pub(crate) fn same_words(one: &str, other: &str) -> bool {
    let one = fold(one);
    !one.is_empty() && one == fold(other)
}

/// A number that stands for the words of a text, `None` where there are none.
///
/// It is stored, so it must not change with the compiler: FNV-1a with 64 bits, not the
/// standard library's hasher.
pub(crate) fn fingerprint(text: &str) -> Option<u64> {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    let folded = fold(text);
    (!folded.is_empty()).then(|| {
        folded.bytes().fold(OFFSET, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(PRIME)
        })
    })
}

/// Arrows, symbols, dingbats and emoji; CJK punctuation lies in the same range and is none.
fn is_pictogram(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}

/// 👍🏽 is 👍.
fn is_skin_tone(c: char) -> bool {
    matches!(c, '\u{1f3fb}'..='\u{1f3ff}')
}

#[cfg(test)]
mod tests {
    use super::{fingerprint, fold, same_words};

    #[test]
    fn folding_keeps_what_people_mean_and_drops_the_rest() {
        let table = [
            (
                "¡Quiero hablar con una PERSONA!",
                "quiero hablar con una persona",
            ),
            ("  agénte\t/humano\n", "agente humano"),
            ("não-sei", "nao sei"),
            ("ＡＧＥＮＴＥ", "agente"),
            ("👍🏽ok❤️", "👍 ok ❤"),
            ("5️⃣", "5"),
            ("İzmir", "izmir"),
            ("¿?…", ""),
            ("", ""),
        ];
        for (text, folded) in table {
            assert_eq!(fold(text), folded, "{text}");
        }
    }

    #[test]
    fn a_fingerprint_is_the_published_fnv_1a() {
        assert_eq!(fingerprint("a"), Some(0xaf63_dc4c_8601_ec8c));
        assert_eq!(fingerprint("¡Fóobar!"), Some(0x8594_4171_f739_67e8));
        assert_eq!(fingerprint("?!"), None);
    }

    #[test]
    fn words_are_the_same_only_if_there_are_any() {
        assert!(same_words("Salir.", "SALIR"));
        assert!(!same_words("…", "?"));
    }
}
