//! Subscribe filters (`filter-expr`): comparisons over the message's metadata and `uuid`, joined
//! with `&&` and `||`, without parentheses.

use serde_json::Value;

use super::wire::Publication;

/// A parsed filter: alternatives, each a list of comparisons that must all hold.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Filter(Vec<Vec<Comparison>>);

#[derive(Clone, Debug, PartialEq)]
struct Comparison {
    name: String,
    operator: Operator,
    value: Value,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Like,
    Contains,
    LessOrEqual,
    GreaterOrEqual,
    Less,
    Greater,
}

/// Longest first, so that `<=` is not read as `<`.
const OPERATORS: [(&str, Operator); 8] = [
    ("==", Operator::Equal),
    ("!=", Operator::NotEqual),
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    (" LIKE ", Operator::Like),
    (" CONTAINS ", Operator::Contains),
    ("<", Operator::Less),
    (">", Operator::Greater),
];

impl Filter {
    /// Reads the expression; `None` when it is not understood.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let alternatives = text
            .split("||")
            .map(|part| part.split("&&").map(comparison).collect())
            .collect::<Option<Vec<Vec<_>>>>()?;
        Some(Self(alternatives))
    }

    /// Whether the message passes.
    pub(super) fn passes(&self, message: &Publication) -> bool {
        self.0
            .iter()
            .any(|all| all.iter().all(|comparison| comparison.holds(message)))
    }
}

fn comparison(text: &str) -> Option<Comparison> {
    let (at, sign, operator) = OPERATORS
        .iter()
        .filter_map(|(sign, operator)| Some((text.find(sign)?, *sign, *operator)))
        .min_by_key(|(at, sign, _)| (*at, usize::MAX - sign.len()))?;
    let name = text.get(..at)?.trim().trim_start_matches("meta.");
    let literal = text.get(at + sign.len()..)?.trim();
    let quoted = literal
        .strip_prefix(['\'', '"'])
        .and_then(|rest| rest.strip_suffix(['\'', '"']));
    let value = match quoted {
        Some(text) => Value::from(text),
        None => serde_json::from_str(literal).ok()?,
    };
    (!name.is_empty()).then(|| Comparison {
        name: name.to_owned(),
        operator,
        value,
    })
}

impl Comparison {
    fn holds(&self, message: &Publication) -> bool {
        let actual = if self.name == "uuid" {
            Value::from(message.uuid.clone())
        } else {
            message
                .meta
                .as_ref()
                .and_then(|meta| meta.get(&self.name))
                .cloned()
                .unwrap_or(Value::Null)
        };
        let order = match (actual.as_f64(), self.value.as_f64()) {
            (Some(left), Some(right)) => left.partial_cmp(&right),
            _ => None,
        };
        match self.operator {
            Operator::Equal => actual == self.value,
            Operator::NotEqual => actual != self.value,
            Operator::Like => like(&actual, &self.value),
            Operator::Contains => match (actual.as_str(), self.value.as_str()) {
                (Some(text), Some(piece)) => text.contains(piece),
                _ => actual
                    .as_array()
                    .is_some_and(|items| items.contains(&self.value)),
            },
            Operator::Less => order.is_some_and(std::cmp::Ordering::is_lt),
            Operator::Greater => order.is_some_and(std::cmp::Ordering::is_gt),
            Operator::LessOrEqual => order.is_some_and(std::cmp::Ordering::is_le),
            Operator::GreaterOrEqual => order.is_some_and(std::cmp::Ordering::is_ge),
        }
    }
}

/// `*` at either end stands for anything; letters compare without case.
fn like(actual: &Value, pattern: &Value) -> bool {
    let (Some(text), Some(pattern)) = (actual.as_str(), pattern.as_str()) else {
        return false;
    };
    let (text, pattern) = (text.to_lowercase(), pattern.to_lowercase());
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(_), Some(_)) => text.contains(pattern.trim_matches('*')),
        (Some(end), None) => text.ends_with(end),
        (None, Some(start)) => text.starts_with(start),
        (None, None) => text == pattern,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_looks_at_metadata_and_uuid() {
        let message = Publication {
            uuid: "ana".to_owned(),
            meta: Some(serde_json::json!({"lang": "es-AR", "level": 3})),
            ..Publication::default()
        };
        for (text, expected) in [
            ("uuid != 'ana'", false),
            ("uuid == 'ana'", true),
            ("meta.lang LIKE 'es*'", true),
            ("level >= 3 && lang LIKE 'pt*'", false),
            ("level > 5 || lang CONTAINS 'AR'", true),
        ] {
            let filter = Filter::parse(text).unwrap();
            assert_eq!(filter.passes(&message), expected, "{text}");
        }
        assert_eq!(Filter::parse("nonsense"), None);
    }
}
