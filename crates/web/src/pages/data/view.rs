//! What the data pages show.

use crate::extract::Form;
use crate::i18n::{Lang, When};
use crate::pages::shell::Shell;
use askama::Template;

#[derive(Template)]
#[template(path = "settings_data.html")]
pub(crate) struct DataPage {
    pub s: Shell,
    pub tab: &'static str,
    pub f: Form,
    pub usage: Vec<UsageItem>,
    /// When everything is deleted, if it was asked for.
    pub leaving: Option<When>,
}

#[derive(Template)]
#[template(path = "settings_leave.html")]
pub(crate) struct LeavePage {
    pub s: Shell,
    pub f: Form,
    pub company: String,
    /// Those that are still connected.
    pub channels: Vec<String>,
}

/// Something that is counted, against what the plan allows.
pub(crate) struct UsageItem {
    pub label: String,
    pub used: String,
    /// Empty without a limit.
    pub most: String,
    /// `ok`, `warn` from 80 %, `danger` when it is reached.
    pub tone: &'static str,
    pub value: i64,
    pub max: i64,
}

impl UsageItem {
    pub fn of(key: &str, used: i64, most: Option<i64>, l: Lang) -> Self {
        let max = most.unwrap_or(0).max(1);
        let tone = match most {
            Some(most) if used >= most => "danger",
            Some(most) if used.saturating_mul(10) >= most.saturating_mul(8) => "warn",
            _ => "ok",
        };
        Self {
            label: l.t(key),
            used: grouped(used, l),
            most: most.map_or(String::new(), |n| l.with("data-of", "most", grouped(n, l))),
            tone,
            value: used.min(max),
            max,
        }
    }
}

/// `1234567` → `1.234.567`, with a comma in English.
pub(crate) fn grouped(number: i64, l: Lang) -> String {
    let mark = if l.is("en") { ',' } else { '.' };
    let digits = number.unsigned_abs().to_string();
    let mut text = String::from(if number < 0 { "-" } else { "" });
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(mark);
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::tenant::Language;

    #[test]
    fn numbers_are_grouped_as_the_language_does() {
        assert_eq!(grouped(1_234_567, Lang(Language::Es)), "1.234.567");
        assert_eq!(grouped(1000, Lang(Language::En)), "1,000");
        assert_eq!(grouped(999, Lang(Language::Pt)), "999");
    }

    #[test]
    fn a_use_near_its_limit_is_told() {
        let tone = |used, most| UsageItem::of("data-channels", used, most, Lang(Language::Es)).tone;
        assert_eq!(
            [
                tone(7, Some(10)),
                tone(8, Some(10)),
                tone(10, Some(10)),
                tone(99, None)
            ],
            ["ok", "warn", "danger", "ok"]
        );
    }
}
