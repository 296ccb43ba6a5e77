//! The few words in which the two databases differ.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Runs the statements of `sql` (separated by `;`) with the words in capitals translated:
/// `UUID`, `BYTES`, and `SERIAL64` for a growing primary key.
pub async fn run(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    let postgres = manager.get_database_backend() == DbBackend::Postgres;
    let (uuid, bytes, serial) = if postgres {
        (
            "uuid",
            "bytea",
            "bigint generated always as identity primary key",
        )
    } else {
        ("blob", "blob", "integer primary key autoincrement")
    };
    let sql = sql
        .replace("UUID", uuid)
        .replace("BYTES", bytes)
        .replace("SERIAL64", serial);
    // Comments are for readers of the migration; one may hold a semicolon.
    let sql: String = sql
        .lines()
        .filter(|line| !line.trim_start().starts_with("--"))
        .flat_map(|line| [line, "\n"])
        .collect();
    for statement in sql.split(';').map(str::trim).filter(|s| !s.is_empty()) {
        manager
            .get_connection()
            .execute_unprepared(statement)
            .await?;
    }
    Ok(())
}

/// Drops tables in the given order.
pub async fn drop(manager: &SchemaManager<'_>, tables: &[&'static str]) -> Result<(), DbErr> {
    for table in tables {
        manager
            .drop_table(Table::drop().table(*table).if_exists().to_owned())
            .await?;
    }
    Ok(())
}
