//! Many rows in one statement, in few forms of it: the database prepares each form once.

use sea_orm::Value;

/// The rows as `($3, $4), ($5, $6)`, and all values of the statement: `before`, then theirs. Filled up
/// to the next power of two with the last row once more, so that it is for sets only.
pub(crate) fn set(before: Vec<Value>, rows: &[Vec<Value>]) -> (String, Vec<Value>) {
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

/// The rows in pieces of powers of two, for what must not be said twice.
pub(crate) fn pieces<T>(mut rows: &[T], most: usize) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let largest = usize::checked_ilog2(rows.len().min(most))?;
        let (piece, rest) = rows.split_at(1 << largest);
        rows = rest;
        Some(piece)
    })
}

/// One piece as `($1, $2), ($3, $4)` with its values.
pub(crate) fn list(rows: &[Vec<Value>]) -> (String, Vec<Value>) {
    let (mut text, mut values) = (String::new(), Vec::new());
    for row in rows {
        add(&mut text, &mut values, row);
    }
    (text, values)
}

fn add(text: &mut String, values: &mut Vec<Value>, row: &[Value]) {
    text.push_str(if text.is_empty() { "(" } else { ", (" });
    for (n, value) in row.iter().enumerate() {
        values.push(value.clone());
        let comma = if n == 0 { "" } else { ", " };
        text.push_str(&format!("{comma}${}", values.len()));
    }
    text.push(')');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(n: i64) -> Vec<Value> {
        vec![n.into(), (n * 10).into()]
    }

    #[test]
    fn a_set_is_filled_up_with_its_last_row() {
        let (text, values) = set(vec![7_i64.into()], &[row(1), row(2), row(3)]);
        assert_eq!(text, "($2, $3), ($4, $5), ($6, $7), ($8, $9)");
        let expected = [7_i64, 1, 10, 2, 20, 3, 30, 3, 30].map(Value::from);
        assert_eq!(values, expected);
        assert_eq!(set(Vec::new(), &[]), (String::new(), Vec::new()));
    }

    #[test]
    fn pieces_are_powers_of_two_and_leave_nothing_out_or_twice() {
        for count in 0..300_usize {
            let rows: Vec<usize> = (0..count).collect();
            let pieces: Vec<_> = pieces(&rows, 64).collect();
            let lengths = pieces.iter().map(|piece| piece.len());
            assert!(
                lengths
                    .clone()
                    .all(|len| len.is_power_of_two() && len <= 64)
            );
            assert_eq!(pieces.concat(), rows);
        }
        assert_eq!(list(&[row(1), row(2)]).0, "($1, $2), ($3, $4)");
    }
}
