//! What was measured, as a table for people and a document for programs.

use serde::Serialize;
use std::fmt::{self, Write as _};

/// A run.
#[derive(Debug, Serialize)]
pub struct Report {
    /// `SQLite` or `PostgreSQL`.
    pub database: &'static str,
    /// Messages in it, of all companies.
    pub messages: usize,
    /// Whether the program was built to be fast.
    pub optimised: bool,
    /// Seconds it took to fill the database; nothing if it was filled before.
    pub seeded_s: Option<f64>,
    /// The pages.
    pub pages: Vec<Cost>,
    /// Files that pages pull in.
    pub assets: Vec<Asset>,
}

/// What one page cost.
#[derive(Debug, Serialize)]
pub struct Cost {
    /// Which.
    pub name: &'static str,
    /// HTTP status.
    pub status: u16,
    /// Bytes on the wire, not compressed.
    pub bytes: usize,
    /// Bytes on the wire, compressed.
    pub compressed: usize,
    /// The same with every style, script and picture of ours that the page needs.
    pub first_visit: usize,
    /// SQL statements, that of the browser's session included.
    pub statements: usize,
    /// How many it may take.
    pub allowed: usize,
    /// Time in the database.
    pub sql_p50_ms: f64,
    /// Until the first byte, half of the time; of a live page until its first event.
    pub first_byte_p50_ms: f64,
    /// Until the first byte, 99 of 100 times.
    pub first_byte_p99_ms: f64,
    /// How often it was opened.
    pub samples: usize,
    /// What the database was asked, without values.
    pub queries: Vec<Query>,
}

/// One statement of a page.
#[derive(Debug, Serialize)]
pub struct Query {
    /// With places instead of values.
    pub text: String,
    /// Until it was answered.
    pub p50_ms: f64,
}

/// A file of ours that pages pull in.
#[derive(Debug, Serialize)]
pub struct Asset {
    /// Its address.
    pub name: String,
    /// Bytes on the wire, not compressed.
    pub bytes: usize,
    /// Bytes on the wire, compressed.
    pub compressed: usize,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        let built = if self.optimised {
            ""
        } else {
            ", not optimised"
        };
        writeln!(
            text,
            "{} messages, {}{built}\n",
            self.messages, self.database
        )?;
        writeln!(
            text,
            "| page | KB | first visit KB | SQL | in SQL ms | first byte p50 ms | p99 ms |"
        )?;
        writeln!(text, "|---|--:|--:|--:|--:|--:|--:|")?;
        for page in &self.pages {
            let kb = |bytes: usize| format!("{}.{}", bytes / 1000, bytes % 1000 / 100);
            let odd = match page.status {
                200 => String::new(),
                status => format!(" ({status})"),
            };
            writeln!(
                text,
                "| {}{odd} | {} | {} | {} | {:.1} | {:.1} | {:.1} |",
                page.name,
                kb(page.compressed),
                kb(page.first_visit),
                page.statements,
                page.sql_p50_ms,
                page.first_byte_p50_ms,
                page.first_byte_p99_ms,
            )?;
        }
        f.write_str(&text)
    }
}
