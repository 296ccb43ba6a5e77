//! What every word carries.

use std::fmt;

/// From whom to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Way {
    /// A contact's words to the agents.
    ToDesk,
    /// An agent's words to the contact.
    ToContact,
    /// A contact's words to the bot.
    ToBot,
}

impl Way {
    fn letter(self) -> char {
        match self {
            Self::ToDesk => 'c',
            Self::ToContact => 'a',
            Self::ToBot => 'b',
        }
    }
}

/// The first word of whatever is said, such as `c-t1-whatsapp.3-0017`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Mark {
    /// The way.
    pub way: Way,
    /// The tenant's name in the run.
    pub tenant: String,
    /// The talk's name, one of a kind within the tenant.
    pub talk: String,
    /// From 0, in the order of saying.
    pub seq: u32,
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (way, tenant, talk) = (self.way.letter(), &self.tenant, &self.talk);
        write!(f, "{way}-{tenant}-{talk}-{:04}", self.seq)
    }
}

impl Mark {
    /// The mark of a text; `None` when nobody of the run said it.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut parts = text.split_whitespace().next()?.split('-');
        let way = match parts.next()? {
            "c" => Way::ToDesk,
            "a" => Way::ToContact,
            "b" => Way::ToBot,
            _ => return None,
        };
        let mark = Self {
            way,
            tenant: parts.next()?.to_owned(),
            talk: parts.next()?.to_owned(),
            seq: parts.next()?.parse().ok()?,
        };
        parts.next().is_none().then_some(mark)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_as_it_was_written() {
        let mark = Mark {
            way: Way::ToContact,
            tenant: "t1".to_owned(),
            talk: "whatsapp.3".to_owned(),
            seq: 17,
        };
        assert_eq!(Mark::read(&format!("{mark} ¡hola! 🙂")), Some(mark));
        assert_eq!(Mark::read("c-est-la-vie"), None);
        assert_eq!(Mark::read(""), None);
    }
}
