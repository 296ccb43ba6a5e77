//! Searching what was said, newest first, one statement a page.
//!
//! Both databases index the same folded words (`messages.words`), filled by the statement that
//! stores the message: PostgreSQL by a GIN index that begins with the tenant, SQLite by FTS5, in
//! which the tenant is one more word. Message ids grow with time, so they are the order.

use super::listing::{Ask, COLUMNS, ConversationFilter, ConversationRow, JOINS, Row, Where};
use super::rows::author_from;
use super::{Conversations, StoreError, sql};
use domain::ids::{HandoffId, MessageId};
use domain::message::{Author, Content};
use domain::search::SearchTerms;
use domain::time::Timestamp;
use sea_orm::{FromQueryResult, Value};
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

/// So many of the newest messages are read before the index is asked: a word in one of a hundred
/// fills a page from them. Of one agent or rule, of whom few speak, more are: what the index gives of
/// a common word is asked of each message whose it is.
const LOOKED_THROUGH: u64 = 3_000;
const LOOKED_THROUGH_OF_ONE: u64 = 30_000;

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
        let (text, values) = if self.tenant.store.is_postgres() {
            let place = match beyond {
                None => None,
                Some(Beyond::Older(SearchPlace::Message(id))) => Some(("<", id)),
                Some(Beyond::Newer(SearchPlace::Message(id))) => Some((">", id)),
                // From an address of another house: nothing is beyond it.
                Some(_) => return Ok(Vec::new()),
            };
            self.in_gin(terms, filter, place, limit)
        } else {
            let place = match beyond {
                None => None,
                Some(Beyond::Older(SearchPlace::Entry(number))) => Some(("<", number)),
                Some(Beyond::Newer(SearchPlace::Entry(number))) => Some((">", number)),
                Some(_) => return Ok(Vec::new()),
            };
            self.in_fts(terms, filter, place, limit)
        };
        let db = &self.tenant.store.read;
        let rows = Found::find_by_statement(sql(db, &text, values))
            .all(db)
            .await?;
        let mut hits: Vec<Hit> = rows.into_iter().map(read).collect::<Result<_, _>>()?;
        if matches!(beyond, Some(Beyond::Newer(_))) {
            hits.reverse();
        }
        Ok(hits)
    }

    /// The search on PostgreSQL. Common words are found by reading the newest messages and
    /// stopping early; only what is rare there is looked up in the index, which knows no order
    /// and gives everything. Left to itself, the planner guesses the frequency of a word it has
    /// no statistics for, and may read a million messages for one that nobody ever said.
    fn in_gin(
        &self,
        terms: &SearchTerms,
        filter: &ConversationFilter,
        place: Option<(&str, Uuid)>,
        limit: u64,
    ) -> (String, Vec<Value>) {
        let order = direction(place.map(|p| p.0));
        let asked = |ask: Ask| {
            let mut what = Where::tenant("m.tenant_id", self.tenant.id.0);
            let wanted = tsquery(terms).into();
            what.and(
                "m.words <> '' and m.words::tsvector @@ ?::tsquery",
                [wanted],
            );
            let joined = narrow(&mut what, filter, ask);
            let beyond = place.map(|(sign, id)| format!("id {sign} {}", what.place(id.into())));
            let limit = what.place(i64::try_from(limit).unwrap_or(i64::MAX).into());
            (what.end(), joined, beyond, limit)
        };
        let ((conditions, values), joined, beyond, limit) = asked(Ask::Once);
        let ((of_each, _), ..) = asked(Ask::Each);
        let looked_through = match (filter.agent, filter.rule) {
            (None, None) => LOOKED_THROUGH,
            _ => LOOKED_THROUGH_OF_ONE,
        };
        let after = |of: &str| beyond.as_ref().map(|it| format!(" and {of}{it}"));
        let inner = after("").unwrap_or_default();
        let outer = after("m.").unwrap_or_default();
        let text = format!(
            "with recent as materialized (
                select m.id from (select tenant_id, id, conversation_id, words, sent_at from messages
                    where tenant_id = $1{inner} order by id {order} limit {looked_through}) m
                {joined} {of_each} order by m.id {order} limit {limit}
            ), rest as materialized (
                select m.id from messages m {joined} {conditions}{outer}
                    and (select count(*) from recent) < {limit}
            ), hits as (
                select id from (
                    select id from recent where (select count(*) from recent) >= {limit}
                    union all select id from rest
                ) found order by id {order} limit {limit}
            )
            select {HIT}, null::bigint as entry, {COLUMNS} from hits
            join messages m on m.tenant_id = $1 and m.id = hits.id
            join conversations v on v.tenant_id = m.tenant_id and v.id = m.conversation_id
            {JOINS} order by m.id {order}"
        );
        (text, values)
    }

    /// The search on SQLite: FTS5 reads its entries in their order and stops early.
    fn in_fts(
        &self,
        terms: &SearchTerms,
        filter: &ConversationFilter,
        place: Option<(&str, i64)>,
        limit: u64,
    ) -> (String, Vec<Value>) {
        let mut what = Where::tenant("m.tenant_id", self.tenant.id.0);
        let wanted = fts_query(terms, self.tenant.id.0);
        what.and("message_search match ?", [wanted.into()]);
        narrow(&mut what, filter, Ask::Once);
        let order = direction(place.map(|p| p.0));
        if let Some((sign, number)) = place {
            what.and(&format!("f.rowid {sign} ?"), [number.into()]);
        }
        let limit = what.place(i64::try_from(limit).unwrap_or(i64::MAX).into());
        let (conditions, values) = what.end();
        let text = format!(
            "select {HIT}, f.rowid as entry, {COLUMNS}
             from message_search f cross join messages m on m.id = f.message
             join conversations v on v.tenant_id = m.tenant_id and v.id = m.conversation_id
             {JOINS} {conditions} order by f.rowid {order} limit {limit}"
        );
        (text, values)
    }
}

/// Adds what the filter asks; the join that it needs, if any.
fn narrow(what: &mut Where, filter: &ConversationFilter, ask: Ask) -> &'static str {
    // The dates are about the message here.
    let about = ConversationFilter {
        from: None,
        until: None,
        ..filter.clone()
    };
    what.filter(&about, ask);
    if let Some(from) = filter.from {
        what.and("m.sent_at >= ?", [from.0.into()]);
    }
    if let Some(until) = filter.until {
        what.and("m.sent_at < ?", [until.0.into()]);
    }
    if about == ConversationFilter::default() {
        return "";
    }
    "join conversations v on v.tenant_id = m.tenant_id and v.id = m.conversation_id"
}

/// What is newer than a place is read upwards from it.
fn direction(sign: Option<&str>) -> &'static str {
    if sign == Some(">") { "asc" } else { "desc" }
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
