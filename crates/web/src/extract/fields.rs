//! Form fields as they came, so that a refused form shows again what was typed.

use std::collections::BTreeMap;

/// The fields of a form, in order; names may repeat.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// From an `application/x-www-form-urlencoded` body or a query string.
    #[must_use]
    pub fn parse(body: &[u8]) -> Self {
        let pairs = url::form_urlencoded::parse(body);
        Self(
            pairs
                .map(|(n, v)| (n.into_owned(), v.into_owned()))
                .collect(),
        )
    }

    /// The first value of a field without spaces around it; empty if absent.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(n, _)| n == name);
        found.map_or("", |(_, v)| v.trim())
    }

    /// Every value of a field that may repeat.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(n, _)| n == name)
            .map(|(_, v)| v.trim())
    }

    /// Whether a box is ticked.
    #[must_use]
    pub fn on(&self, name: &str) -> bool {
        self.0.iter().any(|(n, _)| n == name)
    }

    /// Puts one value in the place of all of that name.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.0.retain(|(n, _)| n != name);
        self.0.push((name.to_owned(), value.into()));
    }

    /// Adds one more value to those of that name.
    pub fn add(&mut self, name: &str, value: impl Into<String>) {
        self.0.push((name.to_owned(), value.into()));
    }

    /// Takes away every value of that name.
    pub fn take(&mut self, name: &str) {
        self.0.retain(|(n, _)| n != name);
    }

    /// Ticks or clears a box.
    pub fn tick(&mut self, name: &str, on: bool) {
        self.0.retain(|(n, _)| n != name);
        if on {
            self.0.push((name.to_owned(), "on".to_owned()));
        }
    }

    /// One line per entry, without empty lines.
    #[must_use]
    pub fn lines(&self, name: &str) -> Vec<String> {
        let text = self.get(name);
        text.lines()
            .map(str::trim)
            .filter(|l| !l.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// The text, or nothing when it is empty.
    #[must_use]
    pub fn some(&self, name: &str) -> Option<String> {
        Some(self.get(name).to_owned()).filter(|v| !v.is_empty())
    }
}

/// A form with what was typed and what is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// What was typed.
    pub fields: Fields,
    errors: BTreeMap<String, String>,
}

impl From<Fields> for Form {
    fn from(fields: Fields) -> Self {
        Self {
            fields,
            errors: BTreeMap::new(),
        }
    }
}

impl Form {
    /// The value of a field, for a template.
    #[must_use]
    pub fn v(&self, name: &str) -> &str {
        self.fields.get(name)
    }

    /// Whether a box is ticked.
    #[must_use]
    pub fn on(&self, name: &str) -> bool {
        self.fields.on(name)
    }

    /// What is wrong with a field.
    #[must_use]
    pub fn e(&self, name: &str) -> Option<&str> {
        self.errors.get(name).map(String::as_str)
    }

    /// Whether something is wrong with a field.
    #[must_use]
    pub fn bad(&self, name: &str) -> bool {
        self.errors.contains_key(name)
    }

    /// Notes what is wrong with a field; the first word stands.
    pub fn refuse(&mut self, name: &str, why: impl Into<String>) {
        self.errors
            .entry(name.to_owned())
            .or_insert_with(|| why.into());
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_fine(&self) -> bool {
        self.errors.is_empty()
    }

    /// A whole number within bounds; says `why` beside the field otherwise. Empty is `None`.
    pub fn number(&mut self, name: &str, bounds: (i64, i64), why: &str) -> Option<i64> {
        let text = self.fields.get(name);
        if text.is_empty() {
            return None;
        }
        match text.parse() {
            Ok(n) if (bounds.0..=bounds.1).contains(&n) => Some(n),
            _ => {
                self.refuse(name, why);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Fields, Form};

    #[test]
    fn a_number_out_of_bounds_is_refused_beside_its_field() {
        let mut form = Form::from(Fields::parse(b"a=12&b=x&c="));
        assert_eq!(form.number("a", (0, 20), "no"), Some(12));
        assert_eq!(form.number("b", (0, 20), "no"), None);
        assert_eq!(form.number("c", (0, 20), "no"), None);
        assert_eq!(
            (form.e("a"), form.e("b"), form.e("c")),
            (None, Some("no"), None)
        );
    }
}
