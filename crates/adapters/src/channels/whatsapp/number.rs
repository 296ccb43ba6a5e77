//! WhatsApp ids of people: telephone numbers without plus sign, whose extra digit Meta itself
//! may add or drop in three countries, and business-scoped user ids (`channels.md` §2.3, §10.3).

/// The digits of a number as written; `None` if it is no number (a user id, a mask).
#[must_use]
pub fn digits(text: &str) -> Option<String> {
    let text = text.trim();
    let bare = text.strip_prefix('+').unwrap_or(text);
    let fits = (5..=20).contains(&bare.len()) && bare.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| bare.to_owned())
}

/// The number with its plus sign. Without it Meta puts the business's own country code in
/// front, and the message reaches a stranger.
#[must_use]
pub fn with_plus(text: &str) -> Option<String> {
    digits(text).map(|d| format!("+{d}"))
}

/// All ways in which one telephone may be written: as it came, then the alternates of Brazil
/// (with and without the ninth digit), Mexico (52 / 521) and Argentina (54 / 549).
/// A text that is no number has itself only.
#[must_use]
pub fn variants(text: &str) -> Vec<String> {
    let Some(number) = digits(text) else {
        return vec![text.to_owned()];
    };
    let mut all = vec![number.clone()];
    let alternate = if let Some(rest) = number.strip_prefix("55") {
        brazil(rest).map(|rest| format!("55{rest}"))
    } else if let Some(rest) = number.strip_prefix("521").filter(|r| r.len() == 10) {
        Some(format!("52{rest}"))
    } else if let Some(rest) = number.strip_prefix("52").filter(|r| r.len() == 10) {
        Some(format!("521{rest}"))
    } else if let Some(rest) = number.strip_prefix("549").filter(|r| r.len() == 10) {
        Some(format!("54{rest}"))
    } else {
        let argentina = number.strip_prefix("54").filter(|r| r.len() == 10);
        argentina.map(|rest| format!("549{rest}"))
    };
    all.extend(alternate);
    all
}

/// The other way to write a Brazilian number: area code and eight digits, or nine of which
/// the first is a 9.
fn brazil(rest: &str) -> Option<String> {
    let (area, local) = rest.split_at_checked(2)?;
    match local.len() {
        8 => Some(format!("{area}9{local}")),
        9 => local.strip_prefix('9').map(|old| format!("{area}{old}")),
        _ => None,
    }
}

/// Whether both are the same telephone.
#[must_use]
pub fn same(one: &str, other: &str) -> bool {
    let others = variants(other);
    variants(one).iter().any(|v| others.contains(v))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_telephone_is_recognised_in_three_countries() {
        for (one, other) in [
            ("5511987654321", "551187654321"),
            ("5215512345678", "525512345678"),
            ("5491123456789", "541123456789"),
            ("+15550100123", "15550100123"),
        ] {
            assert!(same(one, other), "{one} {other}");
            assert!(same(other, one), "{other} {one}");
        }
    }

    #[test]
    fn different_telephones_stay_different() {
        for (one, other) in [
            ("5511987654321", "551187654322"),
            ("5215512345678", "525512345679"),
            ("15550100123", "15550100124"),
            ("US.123456", "123456"),
        ] {
            assert!(!same(one, other), "{one} {other}");
        }
    }

    #[test]
    fn only_numbers_get_a_plus() {
        assert_eq!(with_plus("15550100123").as_deref(), Some("+15550100123"));
        assert_eq!(with_plus("+15550100123").as_deref(), Some("+15550100123"));
        assert_eq!(with_plus("US.70000000000000000001"), None);
        assert_eq!(with_plus(""), None);
    }
}
