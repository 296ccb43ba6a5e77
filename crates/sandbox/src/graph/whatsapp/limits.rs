//! WhatsApp's limits on what a business may send.

use std::collections::HashSet;

use serde_json::Value;

use crate::graph::errors::GraphError;

/// A required parameter is absent.
pub(crate) fn missing(parameter: &str) -> GraphError {
    GraphError::whatsapp(
        131008,
        "Required parameter is missing",
        format!("Parameter '{parameter}' is required."),
    )
}

/// A parameter has a value that WhatsApp does not take.
pub(crate) fn invalid(parameter: &str, why: impl AsRef<str>) -> GraphError {
    GraphError::whatsapp(
        131009,
        "Parameter value is not valid",
        format!("Parameter '{parameter}' is not valid: {}", why.as_ref()),
    )
}

/// A text that must be there and within `max` characters.
pub(crate) fn text(value: &Value, parameter: &str, max: usize) -> Result<String, GraphError> {
    let text = value.as_str().ok_or_else(|| missing(parameter))?;
    if text.trim().is_empty() {
        return Err(missing(parameter));
    }
    within(text, parameter, max)?;
    Ok(text.to_owned())
}

/// A text that may be absent, but not longer than `max` characters.
pub(crate) fn optional(
    value: &Value,
    parameter: &str,
    max: usize,
) -> Result<Option<String>, GraphError> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => {
            within(text, parameter, max)?;
            Ok(Some(text.clone()))
        }
        _ => Err(invalid(parameter, "must be a string")),
    }
}

fn within(text: &str, parameter: &str, max: usize) -> Result<(), GraphError> {
    if text.chars().count() > max {
        return Err(GraphError::parameter(format!(
            "Param {parameter} must be at most {max} characters long."
        )));
    }
    Ok(())
}

/// An id that comes back on a tap: within `max`, no spaces around it.
pub(crate) fn reply_id(value: &Value, parameter: &str, max: usize) -> Result<String, GraphError> {
    let id = text(value, parameter, max)?;
    if id.trim() != id {
        return Err(invalid(parameter, "must not begin or end with a space"));
    }
    Ok(id)
}

/// Refuses repeated labels or ids.
pub(crate) fn unique<'a>(
    values: impl Iterator<Item = &'a str>,
    parameter: &str,
) -> Result<(), GraphError> {
    let mut seen = HashSet::new();
    for value in values {
        if !seen.insert(value) {
            return Err(invalid(parameter, format!("duplicated value {value:?}")));
        }
    }
    Ok(())
}
