//! Telling the language of a few words: Spanish, English or Portuguese.

use lingua::{Language, LanguageDetector, LanguageDetectorBuilder};
use std::sync::OnceLock;

/// More words make the answer slower, not better.
const ENOUGH_CHARS: usize = 400;

/// The models take a moment to load and some megabytes: once per process.
static DETECTOR: OnceLock<LanguageDetector> = OnceLock::new();

/// The language of these words (`es`, `en`, `pt`); `None` where they do not tell.
pub(super) fn detect(words: &str) -> Option<&'static str> {
    let detector = DETECTOR.get_or_init(|| {
        LanguageDetectorBuilder::from_languages(&[
            Language::Spanish,
            Language::English,
            Language::Portuguese,
        ])
        .build()
    });
    let words: String = words.chars().take(ENOUGH_CHARS).collect();
    detector
        .detect_language_of(words)
        .map(|language| match language {
            Language::Spanish => "es",
            Language::English => "en",
            Language::Portuguese => "pt",
        })
}

/// `es-CL` and `es_CL` are `es`; `None` where nothing is told.
pub(super) fn primary_tag(tag: &str) -> Option<String> {
    let primary = tag.split(['-', '_']).next()?.trim().to_lowercase();
    (!primary.is_empty()).then_some(primary)
}
