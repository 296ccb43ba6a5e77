//! Searching what was said, newest first, one statement a page.
//!
//! Both databases index the same folded words (`messages.words`), filled by the statement that
//! stores the message: PostgreSQL by a GIN index that begins with the tenant, SQLite by FTS5, in
//! which the tenant is one more word. Message ids grow with time, so they are the order.

use super::listing::{COLUMNS, ConversationFilter, ConversationRow, JOINS, Row, Where};
use super::rows::author_from;
use super::{Conversations, StoreError, sql};
use domain::ids::{HandoffId, MessageId};
use domain::message::{Author, Content};
use domain::search::SearchTerms;
use domain::time::Timestamp;
use sea_orm::FromQueryResult;
use std::fmt::{self, Write as _};
use std::str::FromStr;
use uuid::Uuid;

/// A message that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// Its conversation.
    pub row: ConversationRow,
    /// The message.
    pub message: MessageId,
    /// Its number in the conversation.
    pub seq: i64,
    /// Who said it.
    pub author: Author,
    /// The name shown for the author, if known.
    pub author_name: Option<String>,
    /// What was said.
    pub content: Content,
    /// The handoff during which it was said.
    pub handoff: Option<HandoffId>,
    /// The platform's clock.
    pub sent_at: Timestamp,
    /// Where a search goes on.
    pub place: SearchPlace,
}

/// Where a search goes on: strictly beyond this hit. To the address it is a word without meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchPlace {
    /// PostgreSQL: the message.
    Message(Uuid),
    /// SQLite: the number of the entry in the index.
    Entry(i64),
}

impl fmt::Display for SearchPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(id) => id.simple().fmt(f),
            Self::Entry(number) => write!(f, "e{number}"),
        }
    }
}

impl FromStr for SearchPlace {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        match text.strip_prefix('e') {
            Some(number) if number.len() < 20 && number.bytes().all(|b| b.is_ascii_digit()) => {
                number.parse().map(Self::Entry).map_err(|_| ())
            }
            _ => Uuid::parse_str(text).map(Self::Message).map_err(|_| ()),
        }
    }
}

/// Which way a search goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beyond {
    /// What was said before.
    Older(SearchPlace),
    /// What was said after.
    Newer(SearchPlace),
}

#[derive(FromQueryResult)]
struct Found {
    hit_id: Uuid,
    seq: i64,
    author: String,
    author_name: Option<String>,
    content: String,
    handoff_id: Option<Uuid>,
    sent_at: i64,
    entry: Option<i64>,
    #[sea_orm(nested)]
    row: Row,
}

const HIT: &str =
    "m.id as hit_id, m.seq, m.author, m.author_name, m.content, m.handoff_id, m.sent_at";

impl Conversations {
    /// Messages in which all words occur, newest first, in conversations that the filter lets
    /// through. The filter's dates are about the message here.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn search(
        &self,
        terms: &SearchTerms,
        filter: &ConversationFilter,
        beyond: Option<Beyond>,
        limit: u64,
    ) -> Result<Vec<Hit>, StoreError> {
        let postgres = self.tenant.store.is_postgres();
        let mut about = filter.clone();
        let (from, until) = (about.from.take(), about.until.take());
        let mut what = Where::tenant("m.tenant_id", self.tenant.id.0);
        let (order, entry, source);
        if postgres {
            what.and(
                "m.words <> '' and m.words::tsvector @@ ?::tsquery",
                [tsquery(terms).into()],
            );
            (order, entry) = ("m.id", "null::bigint as entry");
            source = "messages m";
        } else {
            let wanted = fts_query(terms, self.tenant.id.0);
            what.and("message_search match ?", [wanted.into()]);
            (order, entry) = ("f.rowid", "f.rowid as entry");
            source = "message_search f cross join messages m on m.id = f.message";
        }
        what.filter(&about);
        if let Some(from) = from {
            what.and("m.sent_at >= ?", [from.0.into()]);
        }
        if let Some(until) = until {
            what.and("m.sent_at < ?", [until.0.into()]);
        }
        let direction = match beyond {
            Some(Beyond::Newer(_)) => "asc",
            _ => "desc",
        };
        if let Some(Beyond::Older(place) | Beyond::Newer(place)) = beyond {
            let sign = if direction == "asc" { ">" } else { "<" };
            let value = match place {
                SearchPlace::Message(id) if postgres => id.into(),
                SearchPlace::Entry(number) if !postgres => number.into(),
                // From an address of another house: nothing is beyond it.
                _ => return Ok(Vec::new()),
            };
            what.and(&format!("{order} {sign} ?"), [value]);
        }
        let limit = what.place(i64::try_from(limit).unwrap_or(i64::MAX).into());
        let (conditions, values) = what.end();
        let text = format!(
            "select {HIT}, {entry}, {COLUMNS} from {source}
             join conversations v on v.tenant_id = m.tenant_id and v.id = m.conversation_id
             {JOINS} {conditions} order by {order} {direction} limit {limit}"
        );
        let db = &self.tenant.store.read;
        let rows = Found::find_by_statement(sql(db, &text, values))
            .all(db)
            .await?;
        let mut hits: Vec<Hit> = rows.into_iter().map(read).collect::<Result<_, _>>()?;
        if direction == "asc" {
            hits.reverse();
        }
        Ok(hits)
    }
}

fn read(found: Found) -> Result<Hit, StoreError> {
    Ok(Hit {
        message: MessageId(found.hit_id),
        seq: found.seq,
        author: author_from(&found.author)?,
        author_name: found.author_name,
        content: serde_json::from_str(&found.content)
            .map_err(|e| StoreError::corrupt("messages.content", e))?,
        handoff: found.handoff_id.map(HandoffId),
        sent_at: Timestamp(found.sent_at),
        place: found
            .entry
            .map_or(SearchPlace::Message(found.hit_id), SearchPlace::Entry),
        row: found.row.read()?,
    })
}

/// `'hola' & 'mun':*`: folded words hold no quotes.
fn tsquery(terms: &SearchTerms) -> String {
    let mut query = String::new();
    for (number, word) in terms.words().iter().enumerate() {
        let joint = if number > 0 { " & " } else { "" };
        let _ = write!(query, "{joint}'{word}'");
    }
    if terms.unfinished() {
        query.push_str(":*");
    }
    query
}

/// `tenant:"0190…" AND words:("hola" AND "mun"*)`.
fn fts_query(terms: &SearchTerms, tenant: Uuid) -> String {
    let words: Vec<String> = terms.words().iter().map(|w| format!("\"{w}\"")).collect();
    let star = if terms.unfinished() { "*" } else { "" };
    let tenant = tenant.simple();
    format!(
        "tenant:\"{tenant}\" AND words:({}{star})",
        words.join(" AND ")
    )
}
