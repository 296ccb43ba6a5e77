//! Whether a message is the answer to the rating question.

use crate::message::Content;
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

/// Whether what the bot says offers answers by number: a menu of at least two lines such as
/// «1. Ventas», options to tap of which at least two begin with a number, or a sentence with a 1
/// and another digit («Marca 1 para ventas o 2 para soporte», «del 1 al 5»). A sentence that only
/// happens to hold both costs a figure at most.
#[must_use]
pub fn offers_numbers(content: &Content) -> bool {
    let numbered = |line: &str| {
        let folded = fold(line);
        let first = folded.split(' ').next().unwrap_or_default();
        matches!(first, "1" | "2" | "3" | "4" | "5")
    };
    let in_words = content
        .words()
        .is_some_and(|words| words.lines().filter(|line| numbered(line)).count() >= 2);
    let in_options = match content {
        Content::Options(list) => list.items.iter().filter(|i| numbered(&i.label)).count() >= 2,
        _ => false,
    };
    let in_a_sentence = content.words().is_some_and(|words| {
        let folded = fold(words);
        let digits: Vec<&str> = folded.split(' ').filter(|p| is_digit(p)).collect();
        digits.contains(&"1") && digits.iter().any(|d| *d != "1")
    });
    in_words || in_options || in_a_sentence
}

fn is_digit(part: &str) -> bool {
    part.len() == 1 && part.bytes().all(|b| b.is_ascii_digit())
}

fn is_star(part: &str) -> bool {
    matches!(part, "⭐" | "★" | "🌟")
}

#[cfg(test)]
mod tests {
    use super::{offers_numbers, stars};
    use crate::message::Content;

    #[test]
    fn a_menu_is_told_from_a_sentence_with_numbers() {
        let table = [
            ("Elige:\n1. Ventas\n2) Soporte", true),
            ("1️⃣ Ventas\n2️⃣ Soporte", true),
            ("*1* - Ventas\n*2* - Soporte", true),
            ("Tu pedido llega en 2 días.\nSon 3 cajas.", false),
            ("1. Solo esto", false),
            ("Marca 1 para ventas, 2 para soporte", true),
            ("Responde 1 o 2", true),
            ("¿Te sirvió la respuesta? Del 1 al 5", true),
            ("Abrimos de 9 a 6", false),
            ("Tu pedido 12 llega el 1 de mayo", false),
            ("Hola", false),
        ];
        for (words, menu) in table {
            assert_eq!(offers_numbers(&Content::text(words)), menu, "{words}");
        }
    }

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
