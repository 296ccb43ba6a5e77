//! The words that agents read around what a contact did, in the tenant's language.

use domain::message::MediaKind;
use domain::tenant::Language;

/// Picks the text of a language.
pub(crate) fn pick(
    language: Language,
    es: &'static str,
    en: &'static str,
    pt: &'static str,
) -> &'static str {
    match language {
        Language::Es => es,
        Language::En => en,
        Language::Pt => pt,
    }
}

/// What a file is called when nothing else is known.
pub(crate) fn media(kind: MediaKind, language: Language) -> &'static str {
    match kind {
        MediaKind::Image => pick(language, "imagen", "image", "imagem"),
        MediaKind::Video => pick(language, "video", "video", "vídeo"),
        MediaKind::Audio => pick(language, "audio", "audio", "áudio"),
        MediaKind::Voice => pick(language, "nota de voz", "voice note", "mensagem de voz"),
        MediaKind::File => pick(language, "archivo", "file", "arquivo"),
        MediaKind::Sticker => pick(language, "sticker", "sticker", "figurinha"),
    }
}

pub(super) fn file_missing(language: Language) -> &'static str {
    pick(
        language,
        "no se pudo obtener el archivo",
        "the file could not be fetched",
        "não foi possível obter o arquivo",
    )
}

pub(super) fn in_reply_to(language: Language, quoted: &str) -> String {
    let lead = pick(language, "En respuesta a", "In reply to", "Em resposta a");
    format!("{lead} «{quoted}»:")
}

pub(super) fn reacted(language: Language, emoji: &str, quoted: Option<&str>) -> String {
    let (verb, to, bare) = match language {
        Language::Es => ("reaccionó", "a", "a un mensaje"),
        Language::En => ("reacted", "to", "to a message"),
        Language::Pt => ("reagiu com", "a", "a uma mensagem"),
    };
    match quoted {
        Some(quoted) => format!("{verb} {emoji} {to} «{quoted}»"),
        None => format!("{verb} {emoji} {bare}"),
    }
}

pub(super) fn unreacted(language: Language, quoted: Option<&str>) -> String {
    let verb = pick(
        language,
        "quitó su reacción",
        "took back their reaction",
        "retirou a reação",
    );
    match (quoted, language) {
        (None, _) => verb.to_owned(),
        (Some(quoted), Language::En) => format!("{verb} to «{quoted}»"),
        (Some(quoted), _) => format!("{verb} a «{quoted}»"),
    }
}

pub(super) fn edited(language: Language, quoted: Option<&str>, text: &str) -> String {
    let verb = pick(language, "editó", "edited", "editou");
    let bare = pick(
        language,
        "editó su mensaje",
        "edited their message",
        "editou a mensagem",
    );
    match quoted {
        Some(quoted) => format!("✏️ {verb} «{quoted}»: {text}"),
        None => format!("✏️ {bare}: {text}"),
    }
}

pub(super) fn deleted(language: Language, quoted: Option<&str>) -> String {
    let bare = pick(
        language,
        "eliminó un mensaje",
        "deleted a message",
        "apagou uma mensagem",
    );
    match quoted {
        Some(quoted) => format!("🗑️ {bare}: «{quoted}»"),
        None => format!("🗑️ {bare}"),
    }
}

pub(super) fn came_through(language: Language) -> &'static str {
    pick(language, "llegó desde", "came from", "chegou por")
}

pub(super) fn a_link(language: Language) -> &'static str {
    pick(language, "un enlace", "a link", "um link")
}

pub(super) fn unsupported(language: Language, what: &str) -> String {
    let words = pick(
        language,
        "envió algo que aquí no se puede mostrar",
        "sent something that cannot be shown here",
        "enviou algo que não pode ser mostrado aqui",
    );
    if what.is_empty() {
        words.to_owned()
    } else {
        format!("{words} ({what})")
    }
}
