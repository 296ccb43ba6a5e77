//! What a key of the REST API may do.

/// One kind of call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// Reads conversations, messages, handoffs and files.
    Read,
    /// Hands off and ends handoffs.
    Handoffs,
    /// Reports messages and what is known about contacts.
    Messages,
}

impl Scope {
    /// All of them, in the order of the form.
    pub const ALL: [Self; 3] = [Self::Read, Self::Handoffs, Self::Messages];

    /// The stored name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Handoffs => "handoffs",
            Self::Messages => "messages",
        }
    }
}

/// The kinds of calls that a key may make.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct Scopes(Vec<&'static str>);

impl Scopes {
    /// Every call: what keys could do before there were scopes.
    #[must_use]
    pub fn all() -> Self {
        Self::of(Scope::ALL)
    }

    /// These calls.
    #[must_use]
    pub fn of(scopes: impl IntoIterator<Item = Scope>) -> Self {
        let wanted: Vec<Scope> = scopes.into_iter().collect();
        let kept = Scope::ALL.into_iter().filter(|s| wanted.contains(s));
        Self(kept.map(Scope::name).collect())
    }

    /// From the stored text: names between commas, or `all`. Unknown names allow nothing.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        if text == "all" {
            return Self::all();
        }
        let named = |s: &Scope| text.split(',').any(|name| name == s.name());
        Self::of(Scope::ALL.into_iter().filter(named))
    }

    /// The stored text.
    #[must_use]
    pub fn text(&self) -> String {
        if *self == Self::all() {
            "all".to_owned()
        } else {
            self.0.join(",")
        }
    }

    /// Whether calls of this kind may be made.
    #[must_use]
    pub fn allows(&self, scope: Scope) -> bool {
        self.0.contains(&scope.name())
    }

    /// Whether it may do nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::{Scope, Scopes};

    #[test]
    fn scopes_survive_the_store_and_unknown_ones_allow_nothing() {
        for some in [
            vec![],
            vec![Scope::Read],
            vec![Scope::Messages, Scope::Handoffs],
        ] {
            let scopes = Scopes::of(some);
            assert_eq!(Scopes::parse(&scopes.text()), scopes);
        }
        assert_eq!(Scopes::parse("all"), Scopes::all());
        assert!(Scopes::parse("everything").is_empty());
        assert!(!Scopes::parse("read").allows(Scope::Handoffs));
    }
}
