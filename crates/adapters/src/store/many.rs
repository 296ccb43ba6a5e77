//! Many rows in one statement, in few forms of it: the database reads and plans each form once.
//!
//! PostgreSQL gets all rows as one JSON text, so that a statement has one form whatever their number;
//! as single values, a statement about a hundred rows cost it more to read and plan than to carry out.
//! SQLite gets them one by one, in powers of two.

use super::without_nul;
use sea_orm::Value;
use serde_json::Value as Json;

/// What stands for the rows in a statement, a `select` or `values`, and all values of the statement:
/// `before`, then theirs. The last row may come more than once, so that it is for sets only.
pub(crate) fn set(postgres: bool, before: Vec<Value>, rows: &[Vec<Value>]) -> (String, Vec<Value>) {
    if let (true, Some(kinds)) = (postgres, kinds(rows)) {
        return told(before, rows, &kinds);
    }
    let (mut text, mut values) = (String::new(), before);
    let places = match rows.len() {
        0 => 0,
        some => some.next_power_of_two(),
    };
    let filled = rows.iter().chain(rows.last().into_iter().cycle());
    for row in filled.take(places) {
        add(&mut text, &mut values, row);
    }
    (text, values)
}

/// The same with each row once and in their order.
pub(crate) fn list(postgres: bool, rows: &[Vec<Value>]) -> (String, Vec<Value>) {
    if let (true, Some(kinds)) = (postgres, kinds(rows)) {
        return told(Vec::new(), rows, &kinds);
    }
    let (mut text, mut values) = (String::new(), Vec::new());
    for row in rows {
        add(&mut text, &mut values, row);
    }
    (text, values)
}

/// What `select`, which ends with «where», finds for each of the keys by these names, on PostgreSQL: by
/// one look into an index for each, whatever the database believes the table to hold. While a table is
/// young it would read all of it, and go on so when the table has grown.
pub(crate) fn looked_up(select: &str, names: &str, keys: &[Vec<Value>]) -> (String, Vec<Value>) {
    let (listed, values) = set(true, Vec::new(), keys);
    let by = names.split(", ").enumerate();
    let by: Vec<String> = by.map(|(n, name)| format!("{name} = k.c{n}")).collect();
    let text = format!(
        "select f.* from ({listed}) k cross join lateral ({select}{} offset 0) f",
        by.join(" and ")
    );
    (text, values)
}

/// The rows in pieces for [`list`], in which a statement has few forms.
pub(crate) fn pieces<T>(postgres: bool, mut rows: &[T], most: usize) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let largest = match postgres {
            true => Some(rows.len().min(most)).filter(|count| *count > 0)?,
            false => 1 << usize::checked_ilog2(rows.len().min(most))?,
        };
        let (piece, rest) = rows.split_at(largest);
        rows = rest;
        Some(piece)
    })
}

fn add(text: &mut String, values: &mut Vec<Value>, row: &[Value]) {
    text.push_str(if text.is_empty() { "values (" } else { ", (" });
    for (n, value) in row.iter().enumerate() {
        values.push(value.clone());
        let comma = if n == 0 { "" } else { ", " };
        text.push_str(&format!("{comma}${}", values.len()));
    }
    text.push(')');
}

/// The columns' types, if all of them have one here.
fn kinds(rows: &[Vec<Value>]) -> Option<Vec<&'static str>> {
    let first = rows.first()?;
    let kinds = first.iter().map(|value| match value {
        Value::Bool(_) => Some("boolean"),
        Value::SmallInt(_) => Some("smallint"),
        Value::BigInt(_) => Some("bigint"),
        Value::String(_) => Some("text"),
        Value::Uuid(_) => Some("uuid"),
        Value::Bytes(_) => Some("bytea"),
        _ => None,
    });
    kinds.collect()
}

/// All rows as one value behind `before`.
fn told(mut before: Vec<Value>, rows: &[Vec<Value>], kinds: &[&str]) -> (String, Vec<Value>) {
    let rows = rows.iter().map(|row| {
        let columns = row.iter().enumerate();
        Json::Object(
            columns
                .map(|(n, value)| (format!("c{n}"), json(value)))
                .collect(),
        )
    });
    before.push(Json::Array(rows.collect()).to_string().into());
    let columns = kinds.iter().enumerate();
    let columns: Vec<String> = columns.map(|(n, kind)| format!("c{n} {kind}")).collect();
    let names: Vec<String> = (0..columns.len()).map(|n| format!("c{n}")).collect();
    let (place, names, columns) = (before.len(), names.join(", "), columns.join(", "));
    let text = format!("select {names} from json_to_recordset(${place}::json) as r({columns})");
    (text, before)
}

fn json(value: &Value) -> Json {
    match value {
        Value::Bool(it) => (*it).into(),
        Value::SmallInt(it) => (*it).into(),
        Value::BigInt(it) => (*it).into(),
        // In JSON it is written another way, and no more welcome.
        Value::String(it) => it.as_deref().map(without_nul).into(),
        Value::Uuid(it) => it.map(|id| id.to_string()).into(),
        Value::Bytes(it) => it
            .as_ref()
            .map(|bytes| format!("\\x{}", hex::encode(bytes)))
            .into(),
        _ => Json::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(n: i64) -> Vec<Value> {
        vec![n.into(), (n * 10).into()]
    }

    #[test]
    fn a_set_is_filled_up_with_its_last_row() {
        let (text, values) = set(false, vec![7_i64.into()], &[row(1), row(2), row(3)]);
        assert_eq!(text, "values ($2, $3), ($4, $5), ($6, $7), ($8, $9)");
        let expected = [7_i64, 1, 10, 2, 20, 3, 30, 3, 30].map(Value::from);
        assert_eq!(values, expected);
        assert_eq!(set(false, Vec::new(), &[]), (String::new(), Vec::new()));
    }

    #[test]
    fn pieces_leave_nothing_out_or_twice_and_are_few_forms() {
        for postgres in [false, true] {
            for count in 0..300_usize {
                let rows: Vec<usize> = (0..count).collect();
                let pieces: Vec<_> = pieces(postgres, &rows, 64).collect();
                let lengths = pieces.iter().map(|piece| piece.len());
                assert!(
                    lengths
                        .clone()
                        .all(|len| len <= 64 && (postgres || len.is_power_of_two()))
                );
                assert_eq!(pieces.concat(), rows);
            }
        }
        assert_eq!(
            list(false, &[row(1), row(2)]).0,
            "values ($1, $2), ($3, $4)"
        );
    }

    #[test]
    fn for_postgresql_any_number_of_rows_is_one_form_and_one_value() {
        let odd: Vec<Value> = vec![
            uuid::Uuid::nil().into(),
            "a\"b\0c".into(),
            vec![0_u8, 255].into(),
            None::<i64>.into(),
            3_i16.into(),
            true.into(),
        ];
        let (text, values) = set(true, vec![7_i64.into()], &[odd.clone(), odd.clone()]);
        assert_eq!(
            text,
            "select c0, c1, c2, c3, c4, c5 from json_to_recordset($2::json) as r(c0 uuid, c1 text, c2 bytea, c3 bigint, \
             c4 smallint, c5 boolean)"
        );
        assert_eq!(text, set(true, vec![7_i64.into()], &[odd]).0);
        let Some(Value::String(Some(told))) = values.get(1) else {
            panic!("{values:?}");
        };
        let told: Json = serde_json::from_str(told).unwrap();
        let expected = serde_json::json!({ "c0": "00000000-0000-0000-0000-000000000000",
            "c1": "a\"b\u{fffd}c", "c2": "\\x00ff", "c3": null, "c4": 3, "c5": true });
        assert_eq!(told, serde_json::json!([expected, expected]));
    }

    #[test]
    fn each_key_is_looked_up_by_itself() {
        let (text, values) = looked_up("select t.x from t where ", "t.a, t.b", &[row(1), row(2)]);
        assert_eq!(
            text,
            "select f.* from (select c0, c1 from json_to_recordset($1::json) as r(c0 bigint, c1 bigint)) k \
             cross join lateral (select t.x from t where t.a = k.c0 and t.b = k.c1 offset 0) f"
        );
        assert_eq!(values.len(), 1);
    }

    #[test]
    fn what_has_no_type_here_goes_one_by_one() {
        let (text, values) = list(true, &[vec![1.5_f64.into()]]);
        assert_eq!((text.as_str(), values.len()), ("values ($1)", 1));
    }
}
