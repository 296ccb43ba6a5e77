//! Variables in the texts that a tenant writes: `{nombre}` becomes the contact's first name.
//!
//! Each has one name per language of ours; any of them works in any text.

/// What a text can leave open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variable {
    /// The first word of the contact's name.
    FirstName,
    /// The contact's whole name.
    FullName,
    /// The tenant's name.
    Company,
    /// The platform, as people call it: WhatsApp.
    Channel,
    /// The name of the agent who joined; only in texts that are said then.
    Agent,
}

impl Variable {
    /// Those known whenever something is said to a contact.
    pub const ALWAYS: [Self; 4] = [
        Self::FirstName,
        Self::FullName,
        Self::Company,
        Self::Channel,
    ];
    /// Those known when an agent joins.
    pub const WITH_AGENT: [Self; 5] = [
        Self::Agent,
        Self::FirstName,
        Self::FullName,
        Self::Company,
        Self::Channel,
    ];

    /// Its names in Spanish, English and Portuguese.
    #[must_use]
    pub fn names(self) -> [&'static str; 3] {
        match self {
            Self::FirstName => ["nombre", "name", "nome"],
            Self::FullName => ["nombre_completo", "full_name", "nome_completo"],
            Self::Company => ["empresa", "company", "empresa"],
            Self::Channel => ["canal", "channel", "canal"],
            Self::Agent => ["agente", "agent", "atendente"],
        }
    }

    /// From any of its names.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::WITH_AGENT
            .into_iter()
            .find(|variable| variable.names().contains(&name))
    }
}

/// What the variables stand for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Values<'a> {
    /// The contact's whole name.
    pub name: Option<&'a str>,
    /// The tenant's name.
    pub company: Option<&'a str>,
    /// The platform's name.
    pub channel: Option<&'a str>,
    /// The agent's name; `{agente}` stays as it is without one.
    pub agent: Option<&'a str>,
}

/// The names between braces in `text` that stand for nothing in `allowed`, in order, none twice.
/// Braces around anything but small letters and `_` are no variable.
#[must_use]
pub fn unknown(text: &str, allowed: &[Variable]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for name in pieces(text).filter_map(|(_, name)| name) {
        let known = Variable::named(name).is_some_and(|v| allowed.contains(&v));
        if !known && !found.iter().any(|f| f == name) {
            found.push(name.to_owned());
        }
    }
    found
}

/// `text` with its variables filled in. One whose value is not known leaves no gap: «Hola
/// {nombre}, ya viene» becomes «Hola, ya viene». What is no variable of ours stays as written.
#[must_use]
pub fn fill(text: &str, values: &Values<'_>) -> String {
    let mut filled = String::with_capacity(text.len() + 32);
    let mut gap = false;
    for (before, name) in pieces(text) {
        close_gap(&mut filled, before, gap);
        gap = false;
        let Some(name) = name else { continue };
        let as_written = |filled: &mut String| {
            filled.push('{');
            filled.push_str(name);
            filled.push('}');
        };
        match Variable::named(name) {
            None => as_written(&mut filled),
            Some(Variable::Agent) if values.agent.is_none() => as_written(&mut filled),
            Some(variable) => match values.of(variable) {
                "" => gap = true,
                value => filled.push_str(value),
            },
        }
    }
    filled
}

impl<'a> Values<'a> {
    fn of(&self, variable: Variable) -> &'a str {
        let whole = |value: Option<&'a str>| value.unwrap_or_default().trim();
        match variable {
            Variable::FirstName => whole(self.name).split_whitespace().next().unwrap_or(""),
            Variable::FullName => whole(self.name),
            Variable::Company => whole(self.company),
            Variable::Channel => whole(self.channel),
            Variable::Agent => whole(self.agent),
        }
    }
}

/// Appends what follows a variable that had no value.
fn close_gap(filled: &mut String, after: &str, gap: bool) {
    if !gap {
        filled.push_str(after);
        return;
    }
    if filled.trim().is_empty() {
        let rest = after.trim_start_matches([',', ';', ':', ' ']);
        let mut letters = rest.chars();
        if let Some(first) = letters.next() {
            filled.extend(first.to_uppercase());
            filled.push_str(letters.as_str());
        }
        return;
    }
    let closes = after.is_empty() || after.starts_with([',', '.', '!', '?', ';', ':', ')', ' ']);
    if closes && filled.ends_with(' ') {
        filled.pop();
    }
    filled.push_str(after);
}

/// The text cut at its variables: the words before each with its name, then the last words.
fn pieces(text: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let whole = rest?;
        let mut from = 0;
        while let Some(open) = whole
            .get(from..)
            .and_then(|r| r.find('{'))
            .map(|i| i + from)
        {
            let inside = whole.get(open + 1..).unwrap_or_default();
            let name = inside.split('}').next().filter(|n| n.len() < inside.len());
            if let Some(name) = name.filter(|n| is_name(n)) {
                rest = inside.get(name.len() + 1..);
                return Some((whole.get(..open).unwrap_or_default(), Some(name)));
            }
            from = open + 1;
        }
        rest = None;
        Some((whole, None))
    })
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= 40 && text.chars().all(|c| c.is_lowercase() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::{Values, Variable, fill, unknown};

    #[test]
    fn a_variable_is_filled_and_a_missing_value_leaves_no_gap() {
        let known = Values {
            name: Some(" María José Fuenzalida "),
            company: Some("Café Norte"),
            channel: Some("WhatsApp"),
            agent: None,
        };
        let nobody = Values::default();
        let table = [
            (
                "Hola {nombre}, ya viene",
                "Hola María, ya viene",
                "Hola, ya viene",
            ),
            ("¡Hola {name}!", "¡Hola María!", "¡Hola!"),
            ("{nome}, espera", "María, espera", "Espera"),
            (
                "De {empresa} por {canal}.",
                "De Café Norte por WhatsApp.",
                "De por.",
            ),
            ("{nombre_completo}", "María José Fuenzalida", ""),
            (
                "{agente} y {otra} y {} y {A b}",
                "{agente} y {otra} y {} y {A b}",
                "{agente} y {otra} y {} y {A b}",
            ),
            (
                "sin cerrar {nombre",
                "sin cerrar {nombre",
                "sin cerrar {nombre",
            ),
            ("", "", ""),
        ];
        for (text, with, without) in table {
            assert_eq!(fill(text, &known), with, "{text}");
            assert_eq!(fill(text, &nobody), without, "{text}");
        }
    }

    #[test]
    fn what_a_name_holds_is_not_filled_again() {
        let values = Values {
            name: Some("{empresa}"),
            company: Some("X"),
            ..Values::default()
        };
        assert_eq!(fill("Hola {nombre}", &values), "Hola {empresa}");
    }

    #[test]
    fn unknown_variables_are_named_once() {
        let found = unknown(
            "{nombre} {nmbre} {agente} {nmbre} {\"a\": 1}",
            &Variable::ALWAYS,
        );
        assert_eq!(found, ["nmbre", "agente"]);
        assert!(unknown("{agente}", &Variable::WITH_AGENT).is_empty());
    }
}
