//! The three languages say the same things, and templates ask for nothing that is not there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// Every key of a language with the names of what is put into it.
fn keys(language: &str) -> BTreeMap<String, BTreeSet<String>> {
    let folder = root().join("crates/web/locales").join(language);
    let mut keys: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let mut current = String::new();
        for line in text.lines() {
            if line.starts_with(|c: char| c.is_ascii_lowercase()) {
                current = line.split(" =").next().unwrap().to_owned();
                assert!(!keys.contains_key(&current), "{language}: {current} twice");
            }
            let holes = keys.entry(current.clone()).or_default();
            for part in line.split("{ $").skip(1) {
                let name: String = part.chars().take_while(|c| c.is_alphanumeric()).collect();
                holes.insert(name);
            }
        }
    }
    keys.remove("");
    keys
}

#[test]
fn the_three_languages_have_the_same_texts() {
    let spanish = keys("es");
    assert!(spanish.len() > 400);
    for language in ["en", "pt"] {
        let other = keys(language);
        let missing: Vec<_> = spanish.keys().filter(|k| !other.contains_key(*k)).collect();
        let extra: Vec<_> = other.keys().filter(|k| !spanish.contains_key(*k)).collect();
        assert_eq!((missing, extra), (vec![], vec![]), "{language}");
        for (key, holes) in &spanish {
            assert_eq!(holes, &other[key], "{language}: {key}");
        }
    }
}

/// Keys named in a source, as `t("…")`, `with("…"`, `n("…"`, `filled("…"`.
fn asked(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for call in ["t(\"", "with(\"", ".n(\"", "filled(\""] {
        for part in text.split(call).skip(1) {
            let key = part.split('"').next().unwrap_or("");
            let plain =
                |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
            if key.starts_with(|c: char| c.is_ascii_lowercase())
                && key.contains('-')
                && key.chars().all(plain)
            {
                found.push(key.to_owned());
            }
        }
    }
    found
}

fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else {
            let text = std::fs::read_to_string(&path).unwrap();
            found.push((path.display().to_string(), text));
        }
    }
}

#[test]
fn templates_and_code_ask_only_for_texts_that_exist() {
    let spanish = keys("es");
    let mut files = Vec::new();
    sources(&root().join("templates"), &mut files);
    sources(&root().join("crates/web/src/pages"), &mut files);
    let mut count = 0;
    for (path, text) in &files {
        for key in asked(text) {
            // `find("…")` and the like also end in t(; only what looks like a text counts.
            let prefix = key.split('-').next().unwrap_or("");
            if spanish.keys().any(|k| k.split('-').next() == Some(prefix)) {
                assert!(spanish.contains_key(&key), "{path} asks for {key}");
                count += 1;
            }
        }
    }
    assert!(count > 300, "{count}");
}

/// Names that are stored: each must have its word in every language.
#[test]
fn every_stored_name_has_its_word() {
    let spanish = keys("es");
    let names = |prefix: &str, all: Vec<&str>| {
        for name in all {
            let key = format!("{prefix}-{name}");
            assert!(spanish.contains_key(&key), "{key}");
        }
    };
    names(
        "reason",
        domain::handoff::HandoffReason::ALL
            .iter()
            .map(|r| r.name())
            .collect(),
    );
    names(
        "end",
        domain::handoff::EndReason::ALL
            .iter()
            .map(|r| r.name())
            .collect(),
    );
    names("phase", vec!["bot", "requested", "waiting", "active"]);
    names(
        "status",
        vec!["accepted", "sent", "delivered", "read", "failed", "muted"],
    );
    names(
        "probe",
        web::state::ProbeStep::ALL
            .iter()
            .map(|s| s.name())
            .collect(),
    );
    names(
        "pick",
        domain::channel::ChannelKind::CONNECTABLE
            .iter()
            .map(|k| k.name())
            .collect(),
    );
    names(
        "kind",
        vec![
            "text",
            "image",
            "video",
            "audio",
            "voice",
            "file",
            "sticker",
            "location",
            "contacts",
            "choice",
            "order",
            "unsupported",
        ],
    );
}
