//! What `GET` answers about numbers, business accounts and templates.

use serde_json::{Value, json};

use crate::graph::line::Line;

/// A phone number node with the asked fields; `id` always.
pub(crate) fn number(line: &Line, fields: Option<&str>) -> Value {
    let all = json!({
        "id": line.id,
        "display_phone_number": format!("+{}", line.number),
        "verified_name": line.name,
        "quality_rating": "GREEN",
        "code_verification_status": "VERIFIED",
        "platform_type": if line.registered { "CLOUD_API" } else { "NOT_APPLICABLE" },
        "throughput": {"level": "STANDARD"},
        "status": if line.registered { "CONNECTED" } else { "PENDING" },
        "name_status": "APPROVED",
    });
    select(&all, fields)
}

/// Keeps the asked fields and the id.
pub(crate) fn select(all: &Value, fields: Option<&str>) -> Value {
    let Some(fields) = fields else {
        return all.clone();
    };
    let mut chosen = json!({"id": all["id"]});
    for field in wanted(fields) {
        // `name{sub,sub}` asks for fields of what the field leads to.
        let (name, inner) = match field.split_once('{') {
            Some((name, rest)) => (name, rest.strip_suffix('}')),
            None => (field, None),
        };
        if let Some(value) = all.get(name) {
            chosen[name] = match inner {
                Some(inner) => select(value, Some(inner)),
                None => value.clone(),
            };
        }
    }
    chosen
}

/// The fields of a list, cut at the commas outside of braces.
fn wanted(fields: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0;
    fields
        .split(move |letter| {
            depth += match letter {
                '{' => 1,
                '}' => -1,
                _ => 0,
            };
            letter == ',' && depth == 0
        })
        .map(str::trim)
}

/// The template list of a business account.
pub(crate) fn templates(line: &Line) -> Value {
    let data: Vec<Value> = line
        .templates
        .iter()
        .enumerate()
        .map(|(at, name)| {
            json!({
                "id": format!("{}{at}", line.waba_id), "name": name, "language": "es",
                "status": "APPROVED", "category": "UTILITY",
                "components": [{"type": "BODY", "text": "Hola {{1}}, tenemos novedades de tu consulta."}],
            })
        })
        .collect();
    json!({"data": data, "paging": {"cursors": {"before": "MAZDZD", "after": "MjQZD"}}})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_can_be_asked_for_with_its_own_fields() {
        let page = json!({
            "id": "1", "name": "Sol", "linked": {"id": "2", "username": "sol", "secret": "no"},
        });
        assert_eq!(
            select(&page, Some("linked{id,username}, name")),
            json!({"id": "1", "name": "Sol", "linked": {"id": "2", "username": "sol"}})
        );
        assert_eq!(select(&page, Some("nothing")), json!({"id": "1"}));
    }
}
