//! The history as a file: CSV for people, JSON lines for programs. Read from the database page by
//! page while it is sent, so that a million rows need no more memory than a hundred.

use super::filter::Chosen;
use super::get::today;
use super::view::{agent_name, contact_name, rule_name};
use crate::extract::{Fields, Member};
use crate::i18n::Lang;
use crate::pages::Page;
use crate::pages::figures::words;
use crate::pages::parts::kind_title;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use adapters::store::{Handoffs, HistoryCursor, HistoryFilter, HistoryRow, Named, StoreError};
use bytes::Bytes;
use domain::tenant::Language;
use domain::time::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;
use std::time::Duration;

/// Rows per statement.
const PAGE: u64 = 500;

/// How a row is written.
struct Writing {
    l: Lang,
    zone: TimeZone,
    named: Named,
    form: Form,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// With this between two cells.
    Csv(char),
    Jsonl,
}

/// Where the export has got to.
struct Going {
    handoffs: Handoffs,
    filter: HistoryFilter,
    writing: Writing,
    before: Option<HistoryCursor>,
    head: Option<Bytes>,
    done: bool,
}

/// `GET /handoffs/export.csv`: with `excel=1` as Excel opens it by a double click: with a byte
/// order mark, and semicolons where a comma is the decimal point.
pub(super) async fn csv(request: HttpRequest, member: Member) -> Page {
    let query = Fields::parse(request.query_string().as_bytes());
    let excel = query.on("excel");
    let (head, between) = opening(member.visitor.lang, excel);
    answer(&query, member, Form::Csv(between), head).await
}

/// The first line, and what stands between two cells.
fn opening(l: Lang, excel: bool) -> (String, char) {
    let comma = !excel || l.0 == Language::En;
    let between = if comma { ',' } else { ';' };
    let mark = if excel { "\u{feff}" } else { "" };
    let titles = COLUMNS.map(|c| l.t(&format!("handoffs-column-{c}")));
    (format!("{mark}{}", line(titles, between)), between)
}

/// `GET /handoffs/export.jsonl`: one object per line, with the names of the API.
pub(super) async fn jsonl(request: HttpRequest, member: Member) -> Page {
    let query = Fields::parse(request.query_string().as_bytes());
    answer(&query, member, Form::Jsonl, String::new()).await
}

async fn answer(query: &Fields, member: Member, form: Form, head: String) -> Page {
    let chosen = Chosen::of(query, today(&member));
    let zone = &member.tenant.settings.hours.time_zone;
    let (ending, mime) = match form {
        Form::Csv(_) => ("csv", "text/csv; charset=utf-8"),
        Form::Jsonl => ("jsonl", "application/jsonl; charset=utf-8"),
    };
    let going = Going {
        handoffs: member.store.handoffs(),
        writing: Writing {
            l: member.visitor.lang,
            zone: TimeZone::get(zone).unwrap_or(TimeZone::UTC),
            named: member.store.metrics().named().await?,
            form,
        },
        filter: chosen.filter,
        before: None,
        head: Some(Bytes::from(head)),
        done: false,
    };
    let (from, to) = (chosen.period.from.text(), chosen.period.to.text());
    let name = format!("attachment; filename=\"relevo-{from}-{to}.{ending}\"");
    Ok(HttpResponse::Ok()
        .content_type(mime)
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_DISPOSITION, name))
        .streaming(futures::stream::unfold(going, Going::next)))
}

impl Going {
    /// The next piece; an error cuts the transfer, so that half a file is not taken for a whole.
    async fn next(mut self) -> Option<(Result<Bytes, StoreError>, Self)> {
        if let Some(head) = self.head.take().filter(|h| !h.is_empty()) {
            return Some((Ok(head), self));
        }
        if self.done {
            return None;
        }
        let rows = self.handoffs.history(&self.filter, self.before, PAGE).await;
        let rows = match rows {
            Ok(rows) => rows,
            Err(error) => {
                tracing::warn!(%error, "export cut short");
                self.done = true;
                return Some((Err(error), self));
            }
        };
        self.done = u64::try_from(rows.len()) != Ok(PAGE);
        self.before = rows.last().map(HistoryRow::cursor);
        if rows.is_empty() {
            return None;
        }
        let text: String = rows.iter().map(|row| self.writing.row(row)).collect();
        Some((Ok(Bytes::from(text)), self))
    }
}

const COLUMNS: [&str; 25] = [
    "id",
    "conversation",
    "contact",
    "channel",
    "channel_kind",
    "reason",
    "rule",
    "agent",
    "end_reason",
    "rating",
    "requested",
    "accepted",
    "first_human",
    "ended",
    "requested_iso",
    "accepted_iso",
    "first_human_iso",
    "ended_iso",
    "assignment_s",
    "first_response_s",
    "resolution_s",
    "contact_messages",
    "agent_messages",
    "replies",
    "reply_mean_s",
];

impl Writing {
    fn row(&self, row: &HistoryRow) -> String {
        match self.form {
            Form::Csv(between) => line(self.cells(row), between),
            Form::Jsonl => self.object(row),
        }
    }

    /// The instant on the tenant's wall, as spreadsheets understand it.
    fn local(&self, at: Option<Timestamp>) -> String {
        let zoned = at.and_then(Timestamp::to_jiff);
        let zoned = zoned.map(|t| t.to_zoned(self.zone.clone()));
        zoned.map_or_else(String::new, |z| z.strftime("%Y-%m-%d %H:%M:%S").to_string())
    }

    fn cells(&self, row: &HistoryRow) -> [String; 25] {
        let l = self.l;
        let fact = &row.fact;
        let iso = |t: Option<Timestamp>| t.map_or_else(String::new, Timestamp::to_rfc3339);
        let seconds = |d: Option<Duration>| d.map_or_else(String::new, |d| d.as_secs().to_string());
        let blank = |text: String| {
            if text == words::NOTHING {
                String::new()
            } else {
                text
            }
        };
        let channel = self.named.channel(fact.channel);
        let said = &fact.exchange;
        [
            row.id.to_string(),
            row.conversation.to_string(),
            contact_name(&row.contact, l),
            channel.map_or_else(String::new, |(_, name)| name.to_owned()),
            channel.map_or_else(String::new, |(kind, _)| kind_title(kind, l)),
            l.word("reason", fact.reason.name()),
            blank(rule_name(row, &self.named, l)),
            blank(agent_name(row, l)),
            fact.end_reason
                .map_or_else(String::new, |e| l.word("end", e.name())),
            fact.rating.map_or_else(String::new, |r| r.to_string()),
            self.local(Some(fact.requested_at)),
            self.local(fact.accepted_at),
            self.local(fact.first_human_at),
            self.local(fact.ended_at),
            iso(Some(fact.requested_at)),
            iso(fact.accepted_at),
            iso(fact.first_human_at),
            iso(fact.ended_at),
            seconds(fact.time_to_assignment()),
            seconds(fact.first_response()),
            seconds(fact.resolution()),
            said.contact_messages.to_string(),
            said.agent_messages.to_string(),
            said.replies.to_string(),
            mean(said.reply_ms, said.replies).map_or_else(String::new, |s| s.to_string()),
        ]
    }

    fn object(&self, row: &HistoryRow) -> String {
        let fact = &row.fact;
        let seconds = |d: Option<Duration>| d.map(|d| d.as_secs());
        let channel = self.named.channel(fact.channel);
        let said = &fact.exchange;
        let object = json!({
            "id": row.id,
            "conversation_id": row.conversation,
            "contact": {"name": row.contact.name, "username": row.contact.username, "phone": row.contact.phone},
            "channel": {"id": fact.channel, "name": channel.map(|c| c.1), "kind": channel.map(|c| c.0.name())},
            "reason": fact.reason.name(),
            "rule": fact.rule.map(|id| json!({"id": id, "name": self.named.rule(id)})),
            "agent": row.agent.as_ref().map(|a| json!({"id": a.id, "name": a.name})),
            "end_reason": fact.end_reason.map(|e| e.name()),
            "rating": fact.rating,
            "requested_at": fact.requested_at.to_rfc3339(),
            "accepted_at": fact.accepted_at.map(Timestamp::to_rfc3339),
            "first_human_at": fact.first_human_at.map(Timestamp::to_rfc3339),
            "ended_at": fact.ended_at.map(Timestamp::to_rfc3339),
            "assignment_seconds": seconds(fact.time_to_assignment()),
            "first_response_seconds": seconds(fact.first_response()),
            "resolution_seconds": seconds(fact.resolution()),
            "contact_messages": said.contact_messages,
            "agent_messages": said.agent_messages,
            "replies": said.replies,
            "reply_mean_seconds": mean(said.reply_ms, said.replies),
        });
        format!("{object}\n")
    }
}

fn mean(ms: i64, n: i64) -> Option<i64> {
    ms.checked_div(n).map(|ms| ms / 1000)
}

/// A line of CSV after RFC 4180.
fn line<const N: usize>(cells: [String; N], between: char) -> String {
    let cells = cells.map(|text| cell(&text, between));
    format!("{}\r\n", cells.join(&between.to_string()))
}

/// A cell. A spreadsheet takes a text that begins with one of these signs for a formula and would
/// run what a contact put into their name; an apostrophe before it makes it a text.
fn cell(text: &str, between: char) -> String {
    let is_formula = text.trim_start().starts_with([
        '=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
    ]) || text.starts_with(['\t', '\r', '\n']);
    let text = if is_formula {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if text.contains([between, '"', '\r', '\n', ',', ';']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excel_gets_a_byte_order_mark_and_the_separator_of_its_language() {
        let (head, between) = opening(Lang(Language::Es), true);
        assert!(head.starts_with('\u{feff}') && between == ';');
        assert_eq!(opening(Lang(Language::En), true).1, ',');
        let (head, between) = opening(Lang(Language::Es), false);
        assert!(head.starts_with("Traspaso,") && between == ',');
    }

    #[test]
    fn a_cell_never_begins_a_formula_or_another_cell() {
        let cases = [
            ("Ana", "Ana"),
            ("=1+1", "'=1+1"),
            ("  =1+1", "'  =1+1"),
            ("+56 9", "'+56 9"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("a,b", "\"a,b\""),
            ("a;b", "\"a;b\""),
            ("dijo \"sí\"", "\"dijo \"\"sí\"\"\""),
            ("uno\ndos", "\"uno\ndos\""),
            ("=\"x\"", "\"'=\"\"x\"\"\""),
        ];
        for (text, expected) in cases {
            assert_eq!(cell(text, ','), expected);
            assert_eq!(cell(text, ';'), expected);
        }
    }
}
