//! Numbers for people.

use crate::i18n::Lang;
use domain::metrics::Value;
use domain::tenant::Language;

/// What stands where there is nothing to tell.
pub(crate) const NOTHING: &str = "–";

/// A whole number with its thousands apart.
pub(crate) fn number(l: Lang, n: u64) -> String {
    let apart = match l.0 {
        Language::En => ',',
        Language::Es | Language::Pt => '.',
    };
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(apart);
        }
        out.push(digit);
    }
    out
}

/// One decimal place in the language's writing; none when it is zero.
fn decimal(l: Lang, tenths: u64) -> String {
    let point = match l.0 {
        Language::En => '.',
        Language::Es | Language::Pt => ',',
    };
    match tenths % 10 {
        0 => number(l, tenths / 10),
        rest => format!("{}{point}{rest}", number(l, tenths / 10)),
    }
}

/// A share in percent, rounded to a tenth.
pub(crate) fn percent(l: Lang, part: u64, whole: u64) -> String {
    if whole == 0 {
        return NOTHING.to_owned();
    }
    let tenths = (u128::from(part) * 2000 / u128::from(whole)).div_ceil(2);
    let tenths = u64::try_from(tenths).unwrap_or(u64::MAX);
    // Spanish sets the sign apart, the others do not.
    let gap = if l.is("es") { "\u{a0}" } else { "" };
    format!("{}{gap}%", decimal(l, tenths))
}

/// A duration in its two largest units.
pub(crate) fn duration(l: Lang, seconds: u64) -> String {
    let (days, hours) = (seconds / 86_400, seconds % 86_400 / 3600);
    let (minutes, rest) = (seconds % 3600 / 60, seconds % 60);
    let both = |first: String, second: Option<String>| match second {
        Some(second) => format!("{first} {second}"),
        None => first,
    };
    let some = |n: u64, unit: &str| (n > 0).then(|| format!("{n} {unit}"));
    if days > 0 {
        let count = i64::try_from(days).unwrap_or(i64::MAX);
        both(l.n("span-days", count), some(hours, "h"))
    } else if hours > 0 {
        both(format!("{hours} h"), some(minutes, "min"))
    } else if minutes > 0 {
        both(format!("{minutes} min"), some(rest, "s"))
    } else {
        format!("{rest} s")
    }
}

/// A short time in milliseconds, in seconds from one second on.
pub(crate) fn millis(l: Lang, ms: u64) -> String {
    match ms {
        0..1000 => format!("{ms} ms"),
        1000..60_000 => format!("{} s", decimal(l, ms / 100)),
        _ => duration(l, ms / 1000),
    }
}

/// The number of a figure.
pub(crate) fn value(l: Lang, value: Value) -> String {
    match value {
        Value::Count(n) => number(l, n),
        Value::Share { part, whole } => percent(l, part, whole),
        Value::Seconds(Some(seconds)) => duration(l, seconds),
        Value::Millis(Some(ms)) => millis(l, ms),
        Value::Seconds(None) | Value::Millis(None) => NOTHING.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ES: Lang = Lang(Language::Es);
    const EN: Lang = Lang(Language::En);

    #[test]
    fn numbers_read_as_in_their_language() {
        assert_eq!(number(ES, 1_234_567), "1.234.567");
        assert_eq!(number(EN, 1_234), "1,234");
        assert_eq!(number(ES, 999), "999");
        assert_eq!(percent(ES, 1, 3), "33,3\u{a0}%");
        assert_eq!(percent(EN, 2, 3), "66.7%");
        assert_eq!(percent(ES, 1, 2), "50\u{a0}%");
        assert_eq!(percent(ES, 0, 0), NOTHING);
    }

    #[test]
    fn durations_name_their_two_largest_units() {
        let cases = [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (200, "3 min 20 s"),
            (3600, "1 h"),
            (3900, "1 h 5 min"),
            (86_400, "1 día"),
            (187_200, "2 días 4 h"),
        ];
        for (seconds, words) in cases {
            assert_eq!(duration(ES, seconds), words);
        }
        assert_eq!(millis(ES, 40), "40 ms");
        assert_eq!(millis(ES, 1250), "1,2 s");
        assert_eq!(millis(EN, 61_000), "1 min 1 s");
    }
}
