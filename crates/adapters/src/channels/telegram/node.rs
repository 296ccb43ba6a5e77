//! Reading Telegram's JSON field by field. Fields get added and drift in type over the years;
//! one that is odd must not cost the rest of the update.

use domain::time::Timestamp;
use serde_json::Value;

/// A place in the update that may not be there.
#[derive(Clone, Copy)]
pub(super) struct Node<'a>(pub Option<&'a Value>);

impl<'a> Node<'a> {
    /// A field of an object.
    pub(super) fn get(self, key: &str) -> Self {
        Self(self.0.and_then(|value| value.get(key)))
    }

    /// Whether it is there and not null.
    pub(super) fn exists(self) -> bool {
        self.0.is_some_and(|value| !value.is_null())
    }

    /// Itself, if it is there.
    pub(super) fn some(self) -> Option<Self> {
        self.exists().then_some(self)
    }

    /// A text that is not empty.
    pub(super) fn text(self) -> Option<&'a str> {
        self.0
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    }

    /// A text that is not empty, owned.
    pub(super) fn owned(self) -> Option<String> {
        self.text().map(str::to_owned)
    }

    /// An id: a number, or a text of digits.
    pub(super) fn id(self) -> Option<String> {
        match self.0? {
            Value::Number(number) => number
                .as_i64()
                .map(|n| n.to_string())
                .or_else(|| number.as_u64().map(|n| n.to_string())),
            Value::String(text) if text.parse::<i64>().is_ok() => Some(text.clone()),
            _ => None,
        }
    }

    /// A whole number, also as text.
    pub(super) fn integer(self) -> Option<i64> {
        self.id().and_then(|id| id.parse().ok())
    }

    /// A size in bytes.
    pub(super) fn size(self) -> Option<u64> {
        self.id().and_then(|id| id.parse().ok())
    }

    /// A finite number.
    pub(super) fn number(self) -> Option<f64> {
        self.0.and_then(Value::as_f64).filter(|n| n.is_finite())
    }

    /// `true` and nothing else.
    pub(super) fn is_true(self) -> bool {
        self.0.and_then(Value::as_bool).unwrap_or(false)
    }

    /// The elements of a list; none where it is no list.
    pub(super) fn list(self) -> impl DoubleEndedIterator<Item = Node<'a>> {
        self.0
            .and_then(Value::as_array)
            .map(Vec::as_slice)
            .unwrap_or_default()
            .iter()
            .map(|value| Node(Some(value)))
    }

    /// The names of the fields.
    pub(super) fn keys(self) -> impl Iterator<Item = &'a str> {
        self.0
            .and_then(Value::as_object)
            .into_iter()
            .flat_map(|object| object.keys().map(String::as_str))
    }

    /// Telegram's clock: whole seconds. Zero stands for "not known" there.
    pub(super) fn time(self) -> Option<Timestamp> {
        self.integer()
            .filter(|seconds| *seconds > 0)
            .map(Timestamp::from_seconds)
    }
}
