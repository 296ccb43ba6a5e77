use super::*;
use proptest::prelude::*;

const UNITS: [TextUnit; 3] = [TextUnit::Characters, TextUnit::Utf16, TextUnit::Bytes];

fn visible(text: &str) -> String {
    clean_text(text)
        .chars()
        .filter(|c| !is_invisible(*c))
        .collect()
}

#[test]
fn a_text_is_cut_where_a_reader_would_pause() {
    let table: &[(&str, usize, &[&str])] = &[
        ("hola", 10, &["hola"]),
        ("", 10, &[]),
        (" \n\t ", 10, &[]),
        ("\u{200b}\u{feff}", 10, &[]),
        ("  hola  ", 4, &["hola"]),
        ("uno dos tres", 7, &["uno dos", "tres"]),
        ("uno dos tres", 8, &["uno dos", "tres"]),
        ("aaaa bb\n\nccc ddd", 14, &["aaaa bb", "ccc ddd"]),
        ("aaaa bb\n \nccc\nd eee", 15, &["aaaa bb", "ccc\nd eee"]),
        ("aaaa bb\nccc ddd", 13, &["aaaa bb", "ccc ddd"]),
        ("Hola Ana. Como va todo", 15, &["Hola Ana.", "Como va todo"]),
        (
            "«Hola Ana.» Como va todo",
            17,
            &["«Hola Ana.»", "Como va todo"],
        ),
        ("abcdefghij", 4, &["abcd", "efgh", "ij"]),
        ("x\u{0}y\u{7}z\r\nw", 10, &["xyz\nw"]),
        // An early line break does not make a tiny piece.
        ("a\nbbbb cccc dddd", 12, &["a\nbbbb cccc", "dddd"]),
        // No-break spaces hold.
        ("aa 10\u{a0}km bb", 7, &["aa", "10\u{a0}km", "bb"]),
    ];
    for (text, limit, expected) in table {
        assert_eq!(
            &split_text(text, TextUnit::Characters, *limit),
            expected,
            "{text:?}"
        );
    }
}

#[test]
fn lengths_are_counted_in_the_platform_s_unit() {
    assert_eq!(split_text("😀😀😀", TextUnit::Utf16, 4), ["😀😀", "😀"]);
    assert_eq!(split_text("😀😀😀", TextUnit::Utf16, 5), ["😀😀", "😀"]);
    assert_eq!(split_text("ñññ", TextUnit::Bytes, 5), ["ññ", "ñ"]);
    assert_eq!(
        split_text("😀😀😀", TextUnit::Characters, 2),
        ["😀😀", "😀"]
    );
}

#[test]
fn an_emoji_family_stays_together() {
    let family = "👨‍👩‍👧";
    let text = format!("a{family}{family}");
    assert_eq!(
        split_text(&text, TextUnit::Utf16, 12),
        [format!("a{family}"), family.to_owned()]
    );
    let flags = "🇨🇴🇨🇴🇨🇴";
    assert_eq!(split_text(flags, TextUnit::Characters, 3), ["🇨🇴"; 3]);
}

#[test]
fn an_address_is_not_cut_unless_it_alone_is_too_long() {
    let split = |text: &str, limit| split_text(text, TextUnit::Characters, limit);
    assert_eq!(
        split("mira:https://example.com/a", 22),
        ["mira:", "https://example.com/a"]
    );
    assert_eq!(
        split("mira:https://example.com/a", 9),
        ["mira:", "https://e", "xample.co", "m/a"]
    );
    assert_eq!(
        split("ver https://example.com/abc fin", 25),
        ["ver", "https://example.com/abc", "fin"]
    );
}

#[test]
fn a_megabyte_of_anything_takes_no_time() {
    let started = std::time::Instant::now();
    for text in [
        "\u{301}".repeat(500_000),
        "🇨".repeat(250_000),
        "👩\u{200d}".repeat(150_000),
        " \n".repeat(500_000),
        "a ".repeat(500_000),
        "a.\n\n".repeat(250_000),
        "http://".repeat(150_000),
        format!("a {}", "x".repeat(1_000_000)),
    ] {
        let pieces = split_text(&text, TextUnit::Bytes, 1000);
        assert!(pieces.iter().all(|p| p.len() <= 1000));
        assert_eq!(visible(&pieces.concat()), visible(&text));
        assert!(TextUnit::Bytes.length(&shorten(&text, TextUnit::Bytes, 80)) <= 80);
    }
    assert!(started.elapsed() < std::time::Duration::from_secs(60));
}

#[test]
fn a_long_label_ends_with_an_ellipsis() {
    let cut = |text: &str, limit| shorten(text, TextUnit::Characters, limit);
    assert_eq!(cut("Hablar con una persona", 20), "Hablar con una pers…");
    assert_eq!(cut("Hablar con alguien", 20), "Hablar con alguien");
    assert_eq!(cut("  dos\nlineas ", 20), "dos lineas");
    assert_eq!(cut("uno dos", 5), "uno…");
    assert_eq!(cut("hola", 1), "");
    assert_eq!(cut("👨‍👩‍👧👨‍👩‍👧", 7), "👨‍👩‍👧…");
    assert_eq!(shorten("ñandúes", TextUnit::Bytes, 8), "ñand…");
}

#[test]
fn labels_that_read_alike_after_cutting_are_told_apart() {
    let labels = [
        "Sucursal del norte",
        "Sucursal del sur",
        "sucursal d…",
        "",
        "4",
    ];
    assert_eq!(
        unique_labels(&labels, TextUnit::Characters, 11),
        ["Sucursal d…", "Sucursal… 2", "sucursal… 3", "4", "4 2"]
    );
}

proptest! {
    #[test]
    fn nothing_but_white_space_is_lost(text in "\\PC{0,80}|[ \\n\\t.a-c😀\u{301}\u{200d}👩🇨🇴\\r\\x00]{0,120}", limit in 1_usize..40) {
        for unit in UNITS {
            let pieces = split_text(&text, unit, limit);
            prop_assert_eq!(visible(&pieces.concat()), visible(&text));
            for piece in &pieces {
                prop_assert!(!is_blank(piece));
                prop_assert_eq!(piece.trim(), piece);
                prop_assert!(unit.length(piece) <= limit.max(4));
            }
        }
    }

    #[test]
    fn a_piece_never_ends_inside_a_short_emoji(text in "([a-z ]|👨‍👩‍👧|👍🏽|🇨🇴|é){0,60}", limit in 30_usize..60) {
        let pieces = split_text(&text, TextUnit::Bytes, limit);
        let expected: Vec<&str> = text.graphemes(true).filter(|g| !g.trim().is_empty()).collect();
        let joined: Vec<&str> = pieces.iter().flat_map(|p| p.graphemes(true)).filter(|g| !g.trim().is_empty()).collect();
        prop_assert_eq!(joined, expected);
    }

    #[test]
    fn labels_fit_and_differ(labels in prop::collection::vec("[aA 😀ñ]{0,12}", 0..20), limit in 8_usize..20) {
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        let unique = unique_labels(&labels, TextUnit::Utf16, limit);
        let different: HashSet<String> = unique.iter().map(|l| l.to_lowercase()).collect();
        prop_assert_eq!(different.len(), labels.len());
        for label in &unique {
            prop_assert!(TextUnit::Utf16.length(label) <= limit);
        }
    }
}
