//! What a message of the benchmark says.

/// A message, recognised wherever it comes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// Who talks to whom: the same on the way in and on the way out.
    pub talk: u32,
    /// The running number in that talk, from 1.
    pub number: u32,
    /// When it was to be said, in microseconds since 1970.
    pub due_us: u64,
}

const OPENS: &str = "[#";
const ENDS: char = ']';

impl Mark {
    /// A text of about `length` bytes that carries the mark.
    pub fn text(self, length: usize) -> String {
        let mut text = format!("{OPENS}{}.{}.{}{ENDS}", self.talk, self.number, self.due_us);
        const WORDS: &str = " quería saber si mi pedido sale hoy";
        while text.len() + WORDS.len() <= length {
            text.push_str(WORDS);
        }
        text
    }

    /// The mark in a text, or in the bytes of a request that holds one.
    pub fn find(bytes: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(bytes);
        let (_, behind) = text.split_once(OPENS)?;
        let (inside, _) = behind.split_once(ENDS)?;
        let mut numbers = inside.split('.');
        let mark = Self {
            talk: numbers.next()?.parse().ok()?,
            number: numbers.next()?.parse().ok()?,
            due_us: numbers.next()?.parse().ok()?,
        };
        numbers.next().is_none().then_some(mark)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_found_in_the_request_that_carries_it() {
        let mark = Mark {
            talk: 7,
            number: 12,
            due_us: 1_795_400_000_000_123,
        };
        let text = mark.text(800);
        assert!((700..=800).contains(&text.len()));
        let body = serde_json::json!({ "content": format!("*Camila*: {text}") }).to_string();
        assert_eq!(Mark::find(body.as_bytes()), Some(mark));
        for nothing in ["", "[#1.2]", "[#1.2.3.4]", "[#a.b.c]", "hola"] {
            assert_eq!(Mark::find(nothing.as_bytes()), None, "{nothing}");
        }
    }
}
