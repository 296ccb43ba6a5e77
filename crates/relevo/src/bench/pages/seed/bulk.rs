//! Many rows in one statement.

use sea_orm::{ConnectionTrait, DbErr, Statement, Value};

/// Fewer places than either database allows in one statement (SQLite 32,766), and so few that SQLite,
/// which looks each of them up in a list, reads the statement quickly.
const PLACES: usize = 600;

/// Rows of one table on their way.
pub(super) struct Bulk {
    head: String,
    columns: usize,
    values: Vec<Value>,
    whole: String,
}

impl Bulk {
    /// `columns` as they stand in the statement.
    pub fn into(table: &str, columns: &str) -> Self {
        let count = columns.split(',').count();
        let head = format!("insert into {table} ({columns}) values ");
        Self {
            whole: format!("{head}{}", places(count, PLACES / count)),
            head,
            columns: count,
            values: Vec::with_capacity(PLACES),
        }
    }

    /// Adds a row; writes when there are enough.
    pub async fn push<const N: usize>(
        &mut self,
        db: &impl ConnectionTrait,
        row: [Value; N],
    ) -> Result<(), DbErr> {
        debug_assert_eq!(N, self.columns, "{}", self.head);
        self.values.extend(row);
        if self.values.len() / self.columns >= PLACES / self.columns {
            let values = std::mem::take(&mut self.values);
            let backend = db.get_database_backend();
            let statement = Statement::from_sql_and_values(backend, &self.whole, values);
            db.execute_raw(statement).await?;
        }
        Ok(())
    }

    /// Writes what is left.
    pub async fn flush(&mut self, db: &impl ConnectionTrait) -> Result<(), DbErr> {
        let values = std::mem::take(&mut self.values);
        if values.is_empty() {
            return Ok(());
        }
        let rows = values.len() / self.columns;
        let text = format!("{}{}", self.head, places(self.columns, rows));
        let backend = db.get_database_backend();
        db.execute_raw(Statement::from_sql_and_values(backend, text, values))
            .await?;
        Ok(())
    }
}

/// `($1, $2), ($3, $4)`.
fn places(columns: usize, rows: usize) -> String {
    let row = |n: usize| {
        let each: Vec<String> = (1..=columns)
            .map(|c| format!("${}", n * columns + c))
            .collect();
        format!("({})", each.join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}
