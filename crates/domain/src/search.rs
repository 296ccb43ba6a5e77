//! Searching what was said: which words are kept for it, what a person typed, and where a hit
//! stands in the original text. Accents, case and punctuation do not count on either side.

use crate::words::fold;
use unicode_normalization::char::is_combining_mark;

/// The longest word that is kept and looked for, in characters. PostgreSQL refuses a word of more
/// than 2 KB, and a contact's message must never be refused for what is only searched.
const LONGEST_WORD: usize = 64;
/// So much of one message is kept for the search, in bytes: longer ones are found by how they
/// begin.
const MOST_BYTES: usize = 8_192;
/// More words than anybody types.
const MOST_TERMS: usize = 12;
/// The last word counts as unfinished from this length: shorter beginnings would find half of
/// everything.
const UNFINISHED_FROM: usize = 3;
/// What an excerpt shows before its first hit, in characters.
const LEAD: usize = 48;
/// What an excerpt shows in all, in characters.
const EXCERPT: usize = 180;

/// The words of a message as the search keeps them: folded, one space between, long ones cut.
#[must_use]
pub fn searchable(text: &str) -> String {
    let mut kept = String::new();
    for word in fold(text).split(' ').filter(|w| !w.is_empty()) {
        let word = cut(word);
        if kept.len() + word.len() >= MOST_BYTES {
            break;
        }
        if !kept.is_empty() {
            kept.push(' ');
        }
        kept.push_str(word);
    }
    kept
}

fn cut(word: &str) -> &str {
    let end = word.char_indices().nth(LONGEST_WORD).map(|(at, _)| at);
    end.and_then(|end| word.get(..end)).unwrap_or(word)
}

/// What a person typed into the search: words that must all be in a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchTerms {
    words: Vec<String>,
    unfinished: bool,
}

/// A piece of an excerpt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The original characters.
    pub text: String,
    /// Whether they are what was looked for.
    pub hit: bool,
}

impl SearchTerms {
    /// The words typed; `None` where there are none. The last one may be unfinished, unless a
    /// space or a sign follows it.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let mut words = Vec::new();
        for word in fold(typed).split(' ').filter(|w| !w.is_empty()) {
            let word = cut(word).to_owned();
            if words.len() < MOST_TERMS && !words.contains(&word) {
                words.push(word);
            }
        }
        let last = words.last()?;
        let open = typed.chars().next_back().is_some_and(char::is_alphanumeric);
        Some(Self {
            unfinished: open && last.chars().count() >= UNFINISHED_FROM,
            words,
        })
    }

    /// The words, folded: letters, digits and pictograms only.
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// Whether the last word may go on.
    #[must_use]
    pub fn unfinished(&self) -> bool {
        self.unfinished
    }

    /// Whether this stretch of the original text is one of the words.
    fn finds(&self, stretch: &str) -> bool {
        fold(stretch).split(' ').any(|word| {
            let word = cut(word);
            let begins = || self.words.last().is_some_and(|w| word.starts_with(w));
            self.words.iter().any(|w| w == word) || (self.unfinished && begins())
        })
    }

    /// A few words around the first hit, with every hit marked; the beginning where there is none.
    #[must_use]
    pub fn excerpt(&self, text: &str) -> Vec<Span> {
        let text: String = text
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        let all = self.spans(&text);
        let first = all.iter().position(|s| s.hit).unwrap_or(0);
        let before: usize = all.iter().take(first).map(|s| s.text.chars().count()).sum();
        let mut skip = before.saturating_sub(LEAD);
        let mut left = EXCERPT;
        let mut shown: Vec<Span> = Vec::new();
        if skip > 0 {
            push(&mut shown, "…", false);
        }
        for span in all {
            let length = span.text.chars().count();
            if skip >= length {
                skip -= length;
                continue;
            }
            let rest: String = span.text.chars().skip(skip).take(left).collect();
            let whole = rest.chars().count() == length - skip;
            skip = 0;
            left = left.saturating_sub(rest.chars().count());
            push(&mut shown, &rest, span.hit);
            if !whole {
                push(&mut shown, "…", false);
                break;
            }
        }
        shown
    }

    /// The whole text in stretches of word and no word.
    fn spans(&self, text: &str) -> Vec<Span> {
        let mut spans = Vec::new();
        let mut stretch = String::new();
        let mut in_word = false;
        for c in text.chars() {
            let word = c.is_alphanumeric() || (in_word && is_combining_mark(c));
            if word != in_word && !stretch.is_empty() {
                self.close(&mut spans, &mut stretch);
            }
            in_word = word;
            stretch.push(c);
        }
        if !stretch.is_empty() {
            self.close(&mut spans, &mut stretch);
        }
        spans
    }

    fn close(&self, spans: &mut Vec<Span>, stretch: &mut String) {
        let hit = self.finds(stretch);
        push(spans, stretch, hit);
        stretch.clear();
    }
}

/// Appends, joined to the span before if that is of the same kind.
fn push(spans: &mut Vec<Span>, text: &str, hit: bool) {
    match spans.last_mut() {
        Some(last) if last.hit == hit => last.text.push_str(text),
        _ => spans.push(Span {
            text: text.to_owned(),
            hit,
        }),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn marked(typed: &str, text: &str) -> String {
        let spans = SearchTerms::parse(typed).unwrap().excerpt(text);
        let tell = |s: &Span| match s.hit {
            true => format!("[{}]", s.text),
            false => s.text.clone(),
        };
        spans.iter().map(tell).collect()
    }

    #[test]
    fn accents_case_and_signs_do_not_count() {
        assert_eq!(
            searchable("¡Envío  URGENTE, por favor!"),
            "envio urgente por favor"
        );
        assert_eq!(marked("envio", "¿Mi ENVÍO llegó?"), "¿Mi [ENVÍO] llegó?");
        assert_eq!(
            marked("llego envío ", "¿Mi envi\u{301}o llegó?"),
            "¿Mi [envi\u{301}o] [llegó]?"
        );
    }

    #[test]
    fn only_the_last_word_may_be_unfinished() {
        assert_eq!(marked("fac", "facturas y facto"), "[facturas] y [facto]");
        assert_eq!(marked("fac ", "facturas fac"), "facturas [fac]");
        assert_eq!(marked("fa", "facturas fa"), "facturas [fa]");
        assert!(SearchTerms::parse("¿? …").is_none());
    }

    #[test]
    fn an_excerpt_shows_what_surrounds_the_first_hit() {
        let text = format!("{} aquí {}", "bla ".repeat(100), "fin ".repeat(100));
        let shown = marked("aqui", &text);
        assert!(shown.starts_with("…") && shown.ends_with('…'), "{shown}");
        assert!(
            shown.contains("[aquí]") && shown.chars().count() < 200,
            "{shown}"
        );
    }

    proptest! {
        #[test]
        fn whatever_was_said_can_be_kept_and_shown(text in ".{0,300}", typed in ".{0,40}") {
            let kept = searchable(&text.repeat(40));
            prop_assert!(kept.len() <= MOST_BYTES && !kept.contains(['\'', '\\', '\0', '"']));
            prop_assert!(kept.split(' ').all(|w| w.chars().count() <= LONGEST_WORD));
            if let Some(terms) = SearchTerms::parse(&typed) {
                let shown: usize = terms.excerpt(&text).iter().map(|s| s.text.chars().count()).sum();
                prop_assert!(shown <= EXCERPT + 2);
            }
        }

        #[test]
        fn every_word_of_a_text_finds_it(text in "[a-zA-ZáéñÜ ,.]{1,80}") {
            for word in text.split_whitespace() {
                if let Some(terms) = SearchTerms::parse(word) {
                    prop_assert!(terms.excerpt(&text).iter().any(|s| s.hit));
                }
            }
        }
    }
}
