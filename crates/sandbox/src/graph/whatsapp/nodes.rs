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
    for field in fields.split(',').map(str::trim) {
        if let Some(value) = all.get(field) {
            chosen[field] = value.clone();
        }
    }
    chosen
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
