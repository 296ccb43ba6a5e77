//! The log in plain words.

use crate::i18n::Lang;
use adapters::store::{AuditLine, Difference};
use domain::audit::{Actor, ObjectKind};

/// Fields whose values are stored words and not what somebody typed.
const CODED: [&str; 13] = [
    "when",
    "do",
    "role",
    "kind",
    "author",
    "bot_down",
    "bot_standby",
    "country",
    "language",
    "kinds",
    "channels",
    "scale",
    "scopes",
];
/// Fields that say nothing to people.
const SILENT: [&str; 2] = ["id", "display"];

/// Who did it.
pub(crate) fn who(actor: &Actor, l: Lang) -> String {
    match actor {
        Actor::Member { name, .. } => name.clone(),
        Actor::Operator { name, .. } => l.with("audit-by-operator", "name", name),
        Actor::ApiKey { name, .. } => l.with("audit-by-key", "name", name),
        Actor::System => "Relevo".to_owned(),
    }
}

/// What they did, as the rest of a sentence that begins with who.
pub(super) fn did(line: &AuditLine, l: Lang) -> String {
    match line.action {
        Some(action) => {
            let key = format!("audit-did-{}", action.name().replace(['.', '_'], "-"));
            match (line.object.kind, line.object.name.as_str()) {
                (ObjectKind::Conversation, "") => l.with(&key, "name", l.t("contact-unnamed")),
                (_, name) => l.with(&key, "name", name),
            }
        }
        None => l.t("audit-did-something"),
    }
}

/// The symbol of a kind of thing.
pub(super) fn icon(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Channel => "cable",
        ObjectKind::Desk => "headset",
        ObjectKind::Rule => "list-checks",
        ObjectKind::Settings => "settings",
        ObjectKind::ApiKey => "key",
        ObjectKind::Member => "user",
        ObjectKind::Conversation => "messages-square",
        ObjectKind::Contact => "contact",
        ObjectKind::Tenant => "shield-check",
    }
}

/// Where the thing can be looked at.
pub(super) fn href(line: &AuditLine) -> Option<String> {
    let id = &line.object.id;
    let gone = line.action.is_some_and(|a| {
        let name = a.name();
        name.ends_with(".removed") || name.ends_with(".disconnected")
    });
    match line.object.kind {
        _ if gone || id.is_empty() => None,
        ObjectKind::Channel => Some(format!("/channels/{id}")),
        ObjectKind::Rule => Some(format!("/rules/{id}")),
        ObjectKind::Conversation => Some(format!("/conversations/{id}")),
        _ => None,
    }
}

/// A change in words: what, how it was, how it is.
pub(crate) struct Told {
    pub what: String,
    pub was: Option<String>,
    pub became: Option<String>,
}

/// The changes of a line; those that say nothing to people are left out.
pub(crate) fn told(differences: &[Difference], l: Lang) -> Vec<Told> {
    let telling = differences
        .iter()
        .filter(|d| !d.path.last().is_some_and(|n| SILENT.contains(&n.as_str())));
    telling
        .map(|d| Told {
            what: path(&d.path, l),
            was: d.was.as_deref().map(|v| value(&d.path, v, l)),
            became: d.became.as_deref().map(|v| value(&d.path, v, l)),
        })
        .collect()
}

/// «Textos › Despedida»; the name itself where somebody chose it freely.
fn path(path: &[String], l: Lang) -> String {
    const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let mut words = Vec::new();
    let mut before = "";
    for name in path {
        match name.parse::<usize>() {
            Ok(day) if before == "week" => {
                let day = day.checked_sub(1).and_then(|i| DAYS.get(i));
                words.extend(day.map(|d| l.word("day", d)));
            }
            Ok(number) => {
                if before != "open" {
                    words.push(number.to_string());
                }
            }
            Err(_) => {
                let word = if is_code(name) {
                    l.word("audit-field", name)
                } else {
                    name.clone()
                };
                // Containers whose name adds nothing have an empty text.
                if word != "-" {
                    words.push(word);
                }
            }
        }
        before = name;
    }
    if words.is_empty() {
        l.t("audit-field-all")
    } else {
        words.join(" › ")
    }
}

fn value(path: &[String], value: &str, l: Lang) -> String {
    let named = |name: &str| path.iter().any(|n| n == name);
    match value {
        "true" => return l.t("yes"),
        "false" => return l.t("no"),
        "" => return l.t("audit-empty"),
        "[secret]" => return "••••".to_owned(),
        _ => {}
    }
    if named("open") {
        let minutes: Vec<u16> = value.split(", ").filter_map(|n| n.parse().ok()).collect();
        if let [from, to] = minutes.as_slice() {
            let clock = |m: &u16| format!("{:02}:{:02}", m / 60, m % 60);
            return format!("{}–{}", clock(from), clock(to));
        }
    }
    let last = path
        .iter()
        .rev()
        .find(|n| n.parse::<usize>().is_err())
        .map_or("", String::as_str);
    if CODED.contains(&last) {
        // «es» is a language and a country.
        let prefix = if last == "country" {
            "country"
        } else {
            "audit-value"
        };
        let words: Vec<String> = value
            .split(", ")
            .map(|word| {
                if is_code(word) {
                    l.word(prefix, word)
                } else {
                    word.to_owned()
                }
            })
            .collect();
        return words.join(", ");
    }
    value.to_owned()
}

/// Whether a text can be the ending of a text's key.
fn is_code(text: &str) -> bool {
    !text.is_empty()
        && text.len() < 40
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::audit::Action;
    use domain::tenant::Language;

    fn said(path: &[&str], was: &str, became: &str) -> String {
        let difference = Difference {
            path: path.iter().map(|&s| s.to_owned()).collect(),
            was: Some(was.to_owned()),
            became: Some(became.to_owned()),
        };
        let told = told(&[difference], Lang(Language::Es));
        let told = told.first();
        told.map_or(String::new(), |t| {
            let [was, became] = [&t.was, &t.became].map(|v| v.clone().unwrap_or_default());
            format!("{}: {was} → {became}", t.what)
        })
    }

    #[test]
    fn a_difference_is_told_without_codes() {
        assert_eq!(
            said(&["policy", "texts", "goodbye"], "Adiós", "Chao"),
            "Textos › Despedida: Adiós → Chao"
        );
        assert_eq!(
            said(
                &["hours", "week", "1", "open", "1"],
                "540, 780",
                "540, 1110"
            ),
            "Horario › Lunes: 09:00–13:00 → 09:00–18:30"
        );
        assert_eq!(
            said(&["policy", "agent_name_prefix"], "false", "true"),
            "Nombre del agente antes de cada mensaje: No → Sí"
        );
        assert_eq!(
            said(&["role"], "analyst", "admin"),
            "Rol: Analista → Administrador"
        );
        assert_eq!(
            said(
                &["action", "options", "metadata", "área"],
                "ventas",
                "true story"
            ),
            "Qué hacer › Datos adicionales › área: ventas → true story"
        );
        assert_eq!(
            said(&["hours", "country"], "cl", "es"),
            "Horario › Feriados del país: Chile → España (días comunes a todo el país)"
        );
        assert_eq!(said(&["id"], "1", "2"), "");
    }

    /// The names of all that is in `value`, whatever is in it.
    fn names(value: &serde_json::Value, into: &mut Vec<String>) {
        match value {
            serde_json::Value::Object(fields) => {
                for (name, inner) in fields {
                    into.push(name.clone());
                    names(inner, into);
                }
            }
            serde_json::Value::Array(items) => items.iter().for_each(|item| names(item, into)),
            _ => {}
        }
    }

    #[test]
    fn every_setting_has_a_name_in_every_language() {
        let mut settings = domain::tenant::TenantSettings::default();
        settings.policy.close.rating = Some(domain::handoff::RatingPolicy::default());
        settings.hours.country = Some(domain::calendar::Country::Cl);
        settings.hours.open_on = vec!["2026-12-25".to_owned()];
        let mut all = Vec::new();
        names(&serde_json::to_value(&settings).unwrap(), &mut all);
        assert!(all.len() > 30, "{all:?}");
        for code in ["es", "en", "pt"] {
            let Some(l) = Lang::named(code) else { continue };
            for name in &all {
                assert_ne!(&l.word("audit-field", name), name, "{name} {code}");
            }
        }
    }

    #[test]
    fn every_action_has_words_in_every_language() {
        for code in ["es", "en", "pt"] {
            let Some(l) = Lang::named(code) else { continue };
            for action in Action::ALL {
                let key = format!("audit-did-{}", action.name().replace(['.', '_'], "-"));
                let said = l.with(&key, "name", "X");
                assert!(!said.contains("Unknown localization"), "{key} {code}");
            }
            for kind in ObjectKind::ALL {
                assert_ne!(l.word("audit-kind", kind.name()), kind.name(), "{code}");
            }
        }
    }
}
