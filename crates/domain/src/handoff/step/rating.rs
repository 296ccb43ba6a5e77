//! Whether a message is the answer to the rating question.

use crate::words::fold;

/// An answer may carry a few words («5 - excelente»); a longer message that merely begins with
/// a digit is a message («2 personas para mañana a las ocho») and goes to the bot.
const WORDS_BESIDE: usize = 3;

/// The stars of an answer, 1 to 5: «4», «4️⃣», «⭐⭐⭐⭐», «4/5», «5 - excelente».
///
/// In doubt it is no answer: a rating that is missed costs a figure, a question that is taken
/// for a rating is lost to the bot.
pub(super) fn stars(words: &str) -> Option<u8> {
    if words.contains(['?', '¿']) {
        return None;
    }
    let folded = fold(words);
    let mut parts = folded.split(' ');
    let first = parts.next()?;
    if is_star(first) {
        let count = 1 + folded.split(' ').skip(1).take_while(|p| is_star(p)).count();
        let only_stars = count == folded.split(' ').count();
        return u8::try_from(count).ok().filter(|n| only_stars && *n <= 5);
    }
    let stars: u8 = first.parse().ok().filter(|n| (1..=5).contains(n))?;
    let rest: Vec<&str> = parts.collect();
    let out_of_five = words.contains('/') && rest == ["5"];
    let few_words =
        rest.len() <= WORDS_BESIDE && !rest.iter().any(|p| p.contains(char::is_numeric));
    (first.len() == 1 && (few_words || out_of_five)).then_some(stars)
}

fn is_star(part: &str) -> bool {
    matches!(part, "⭐" | "★" | "🌟")
}

#[cfg(test)]
mod tests {
    use super::stars;

    #[test]
    fn an_answer_is_told_from_a_message() {
        let table = [
            ("1", Some(1)),
            (" 5 ", Some(5)),
            ("4️⃣", Some(4)),
            ("⭐⭐⭐", Some(3)),
            ("⭐️ ⭐️", Some(2)),
            ("★★★★★", Some(5)),
            ("5 - excelente", Some(5)),
            ("5, ¡muy buena atención!", Some(5)),
            ("4/5", Some(4)),
            ("3 estrellas ⭐", Some(3)),
            ("0", None),
            ("6", None),
            ("10", None),
            ("05", None),
            ("4.5", None),
            ("5a", None),
            ("⭐⭐⭐⭐⭐⭐", None),
            ("⭐ gracias", None),
            ("1-2 semanas", None),
            ("5 de mayo quiero una cita", None),
            ("2 personas?", None),
            ("¿1", None),
            ("excelente", None),
            ("", None),
            ("...", None),
        ];
        for (words, expected) in table {
            assert_eq!(stars(words), expected, "{words}");
        }
    }
}
