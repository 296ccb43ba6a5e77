//! File names that are safe to show, to store and to send on.

use domain::message::{TextUnit, clean_text, shorten};

const LONGEST: usize = 120;
/// A longer ending is part of the name.
const LONGEST_EXTENSION: usize = 10;

/// Extensions of the types we meet, the usual one first. The general table knows dozens for
/// some and none for others.
const EXTENSIONS: [(&str, &[&str]); 27] = [
    ("image/jpeg", &["jpg", "jpeg", "jpe", "jfif"]),
    ("image/png", &["png"]),
    ("image/gif", &["gif"]),
    ("image/webp", &["webp"]),
    ("image/heic", &["heic", "heif"]),
    ("image/heif", &["heif", "heic"]),
    ("image/avif", &["avif"]),
    ("video/mp4", &["mp4", "m4v"]),
    ("video/webm", &["webm"]),
    ("video/quicktime", &["mov", "qt"]),
    ("audio/ogg", &["ogg", "oga", "opus"]),
    ("audio/mpeg", &["mp3"]),
    ("audio/mp4", &["m4a", "mp4"]),
    ("audio/webm", &["weba", "webm"]),
    ("audio/wav", &["wav"]),
    ("audio/amr", &["amr"]),
    ("audio/aac", &["aac"]),
    ("audio/flac", &["flac"]),
    ("application/pdf", &["pdf"]),
    ("application/zip", &["zip"]),
    ("application/gzip", &["gz", "tgz"]),
    ("application/x-tgsticker", &["tgs"]),
    ("text/plain", &["txt", "log", "md"]),
    ("text/csv", &["csv"]),
    ("text/calendar", &["ics"]),
    ("text/vcard", &["vcf"]),
    ("application/octet-stream", &["bin"]),
];

/// The name to show for a file of this type: the told one, cleaned, with an extension that
/// fits what the bytes are; a name of our own where nothing was told.
pub(super) fn display(told: Option<&str>, mime: &str) -> String {
    let clean = clean(told.unwrap_or_default());
    let fitting = extensions(mime);
    let usual = fitting.first().copied().unwrap_or("bin");
    let (stem, extension) = match clean.rsplit_once('.') {
        Some((stem, extension)) if is_extension(extension) => (stem, Some(extension)),
        _ => (clean.as_str(), None),
    };
    let lower = extension.map(str::to_ascii_lowercase);
    let (stem, extension) = match &lower {
        Some(known) if fitting.contains(&known.as_str()) => (stem, known.as_str()),
        // An ending that is another type's is replaced; one that runs somewhere must not be
        // left to be found under it, so it goes too. An unknown ending is kept as a word.
        Some(known) if mime_guess::from_ext(known).first_raw().is_some() => (stem, usual),
        _ => (clean.as_str(), usual),
    };
    let stem = stem.trim_matches(|c: char| c == '.' || c.is_whitespace());
    let stem = if stem.is_empty() { own(mime) } else { stem };
    let room = LONGEST - extension.len() - 1;
    format!("{}.{extension}", shorten(stem, TextUnit::Characters, room))
}

/// The last part of a path, without what could mislead a reader or a file system.
fn clean(told: &str) -> String {
    let last = told.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = clean_text(last)
        .chars()
        .filter(|c| !is_hidden(*c))
        .map(|c| match c {
            '<' | '>' | ':' | '"' | '|' | '?' | '*' => '_',
            c if c.is_whitespace() => ' ',
            c => c,
        })
        .collect();
    plain
        .split(' ')
        .filter(|w| !w.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Direction marks (which turn the end of a name around), zero-width characters and tags.
fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{61c}' | '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffc}' | '\u{e0000}'..='\u{e007f}')
}

fn is_extension(text: &str) -> bool {
    (1..=LONGEST_EXTENSION).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

fn extensions(mime: &str) -> &'static [&'static str] {
    EXTENSIONS
        .iter()
        .find(|(known, _)| *known == mime)
        .map(|(_, extensions)| *extensions)
        .or_else(|| mime_guess::get_mime_extensions_str(mime))
        .unwrap_or(&["bin"])
}

/// What a file without a name is called.
fn own(mime: &str) -> &'static str {
    match mime {
        "audio/ogg" | "audio/amr" => "nota-de-voz",
        "application/x-tgsticker" => "sticker",
        "application/pdf" => "documento",
        _ => match mime.split('/').next().unwrap_or_default() {
            "image" => "imagen",
            "video" => "video",
            "audio" => "audio",
            "text" => "texto",
            _ => "archivo",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_is_safe_and_its_extension_fits() {
        let table = [
            (Some("foto.jpg"), "image/jpeg", "foto.jpg"),
            (Some("FOTO.JPEG"), "image/jpeg", "FOTO.jpeg"),
            (Some("foto.png"), "image/jpeg", "foto.jpg"),
            (Some("Informe v1.2"), "application/pdf", "Informe v1.2.pdf"),
            (Some("../../etc/passwd"), "text/plain", "passwd.txt"),
            (Some("C:\\temp\\a.pdf"), "application/pdf", "a.pdf"),
            (Some("pagina.html"), "text/plain", "pagina.txt"),
            (
                Some("factura\u{202e}gpj.exe"),
                "application/octet-stream",
                "facturagpj.bin",
            ),
            (
                Some("a\r\nSet-Cookie: x.pdf"),
                "application/pdf",
                "a Set-Cookie_ x.pdf",
            ),
            (Some("..."), "image/png", "imagen.png"),
            (Some(".pdf"), "application/pdf", "documento.pdf"),
            (Some(""), "video/mp4", "video.mp4"),
            (None, "image/jpeg", "imagen.jpg"),
            (None, "audio/ogg", "nota-de-voz.ogg"),
            (None, "audio/mpeg", "audio.mp3"),
            (None, "application/octet-stream", "archivo.bin"),
            (None, "application/x-unheard-of", "archivo.bin"),
        ];
        for (told, mime, expected) in table {
            assert_eq!(display(told, mime), expected, "{told:?} {mime}");
        }
        let long = display(Some(&format!("{}.pdf", "ñ".repeat(500))), "application/pdf");
        assert_eq!(long.chars().count(), 120);
        assert!(long.ends_with("….pdf"));
    }

    proptest! {
        #[test]
        fn no_name_leads_out_of_its_folder_or_hides_its_end(told in any::<String>(), mime in "image/png|text/plain|x/y") {
            let name = display(Some(&told), &mime);
            prop_assert!(!name.is_empty() && name.chars().count() <= LONGEST);
            prop_assert!(!name.contains(['/', '\\', '"', '<', '>']));
            prop_assert!(!name.chars().any(|c| c.is_control() || is_hidden(c)));
            prop_assert!(!name.starts_with('.'));
        }
    }
}
