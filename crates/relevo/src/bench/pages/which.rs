//! Which pages are measured, and with which things of the seeded company.

use adapters::store::{ConversationFilter, Cursor, HistoryFilter, Store};
use anyhow::Context as _;
use domain::ids::{ConversationId, TenantId};
use domain::time::Timestamp;
use url::form_urlencoded::byte_serialize;
use uuid::Uuid;

use super::seed::texts;

/// A page to be measured.
#[derive(Clone, Debug)]
pub struct Page {
    /// What it is called in the report.
    pub name: &'static str,
    /// Its address.
    pub path: String,
    /// How many statements it may take, the one of the browser's session included.
    pub statements: usize,
    /// Whether it stays open: measured to its first event.
    pub live: bool,
}

/// So many days back lies what «deep» asks for.
const BACK: i64 = 120 * 86_400_000;

/// Conversations by their length.
struct Talks {
    short: ConversationId,
    long: ConversationId,
    deepest: (ConversationId, i64),
    failed: ConversationId,
}

/// All pages of the seeded company.
///
/// # Errors
/// The database does not answer, or was filled by something else.
pub async fn all(store: &Store, tenant: TenantId) -> anyhow::Result<Vec<Page>> {
    let house = store.tenant(tenant);
    let talks = talks(store, tenant).await?;
    let choices = house.conversations().choices().await?;
    let channel = choices.channels.first().context("no line")?.0;
    let rule = choices.rules.first().context("no rule")?.0;
    let agent = choices.agents.first().context("no agent")?.0;
    let tag = choices.tags.first().context("no tag")?;
    let now = store.clock().now().0;
    let back = format!("{}_{}", now - BACK, Uuid::max());
    let day = |ms: i64| domain::metrics::Day(i32::try_from(ms / 86_400_000).unwrap_or(0)).text();
    let (from, until) = (day(now - BACK), day(now - BACK + 7 * 86_400_000));
    let month = format!(
        "period=custom&from={}&to={from}",
        day(now - BACK - 30 * 86_400_000)
    );
    let handoffs = house.handoffs();
    let handoff = handoffs.history(&HistoryFilter::default(), None, 1).await?;
    let handoff = handoff.first().context("no handoff")?.id;
    let said = |word: &str| byte_serialize(word.as_bytes()).collect::<String>();
    let talk = |id: ConversationId, more: &str| format!("/conversations/{id}{more}");
    let (deep, last) = talks.deepest;
    let (thread, _) = house.conversations().thread(deep, None, 20).await?;
    let message = thread
        .iter()
        .find(|m| m.author != domain::message::Author::Contact);
    let message = message.context("nobody answered")?.id;

    let list = |query: String| format!("/conversations?{query}");
    let found = |word: &str| list(format!("q={}", said(word)));
    let page = |name, path: String, statements| Page {
        name,
        path,
        statements,
        live: false,
    };
    let live = |name, path: String, statements| Page {
        live: true,
        ..page(name, path, statements)
    };
    Ok(vec![
        page("home", "/".to_owned(), 5),
        page("conversations", "/conversations".to_owned(), 4),
        page("conversations, with people", list("state=human".into()), 4),
        page("conversations, waiting", list("state=waiting".into()), 4),
        page(
            "conversations, one line",
            list(format!("channel={channel}")),
            4,
        ),
        page("conversations, one rule", list(format!("rule={rule}")), 4),
        page(
            "conversations, one agent",
            list(format!("agent={agent}")),
            4,
        ),
        page("conversations, one tag", list(format!("tag={tag}")), 4),
        page(
            "conversations, a week",
            list(format!("from={from}&until={until}")),
            4,
        ),
        page("conversations, failed only", list("failed=1".into()), 4),
        page("conversations, nobody", list("agent=999999".into()), 4),
        page("conversations, deep", list(format!("before={back}")), 4),
        page("search, common word", found(texts::COMMON), 4),
        page("search, seldom word", found(texts::SELDOM), 4),
        page("search, rare word", found(texts::RARE), 4),
        page("search, no such word", found(texts::NEVER), 4),
        page("search, unfinished word", found("ped"), 4),
        page(
            "search, common word, one agent",
            format!("{}&agent={agent}", found(texts::COMMON)),
            4,
        ),
        page("viewer, short", talk(talks.short, ""), 7),
        page("viewer, long", talk(talks.long, ""), 7),
        page("viewer, deep", talk(deep, ""), 7),
        page(
            "viewer, deep, in the middle",
            talk(deep, &format!("?at={}", last / 2)),
            7,
        ),
        page("viewer, with a failure", talk(talks.failed, ""), 7),
        page(
            "viewer, older messages",
            talk(deep, &format!("/messages?before={}", last / 2)),
            6,
        ),
        page(
            "way of a message",
            talk(deep, &format!("/messages/{message}/trace")),
            9,
        ),
        page("handoffs", "/handoffs".to_owned(), 5),
        page("handoffs, 90 days", "/handoffs?period=90".to_owned(), 5),
        page(
            "handoffs, one agent",
            format!("/handoffs?period=90&agent={agent}"),
            5,
        ),
        page(
            "handoffs, one rule",
            format!("/handoffs?period=90&rule={rule}"),
            5,
        ),
        page(
            "handoffs, a month long ago",
            format!("/handoffs?{month}"),
            5,
        ),
        page("handoffs, open", "/handoffs?only=open".to_owned(), 5),
        page("one handoff", format!("/handoffs/{handoff}"), 8),
        page("dashboard, 7 days", "/dashboard".to_owned(), 4),
        page("dashboard, 30 days", "/dashboard?period=30".to_owned(), 4),
        page("dashboard, 90 days", "/dashboard?period=90".to_owned(), 4),
        page(
            "dashboard, operations",
            "/dashboard/operations?period=90".to_owned(),
            5,
        ),
        page("rules", "/rules".to_owned(), 5),
        page("a rule", format!("/rules/{rule}"), 5),
        page("rules, versions", "/rules/versions".to_owned(), 4),
        page("channels", "/channels".to_owned(), 4),
        page("desk", "/desk".to_owned(), 4),
        page("settings", "/settings".to_owned(), 4),
        page("settings, hours", "/settings/hours".to_owned(), 4),
        page("settings, developers", "/settings/developers".to_owned(), 5),
        page("settings, log", "/settings/audit".to_owned(), 5),
        page("settings, team", "/settings/team".to_owned(), 6),
        page("settings, data", "/settings/data".to_owned(), 5),
        page("account", "/account".to_owned(), 4),
        page("account, logins", "/account/logins".to_owned(), 4),
        live(
            "conversations, first event",
            "/conversations/live?since=0".to_owned(),
            4,
        ),
        live("viewer, first event", talk(deep, "/live?after=0"), 9),
    ])
}

async fn talks(store: &Store, tenant: TenantId) -> anyhow::Result<Talks> {
    let house = store.tenant(tenant).conversations();
    let mut rows = Vec::new();
    let mut before: Option<Cursor> = None;
    // The newest thousand hold conversations of every length; the deepest is always among them.
    for _ in 0..10 {
        let some = house
            .list(&ConversationFilter::default(), before, 100)
            .await?;
        before = some.last().map(|row| Cursor {
            at: row.conversation.last_message_at,
            id: row.conversation.id,
        });
        rows.extend(some);
        if before.is_none() {
            break;
        }
    }
    let failed = ConversationFilter {
        failed_only: true,
        from: Some(Timestamp(0)),
        ..ConversationFilter::default()
    };
    let failed = house.list(&failed, None, 1).await?;
    rows.sort_by_key(|row| row.conversation.last_seq);
    let at = |n: usize| rows.get(n).map(|row| row.conversation.id);
    let deepest = rows.last().context("no conversation")?;
    Ok(Talks {
        short: at(rows.len() / 10).context("no conversation")?,
        long: at(rows.len().saturating_sub(2)).context("no conversation")?,
        deepest: (deepest.conversation.id, deepest.conversation.last_seq),
        failed: failed
            .first()
            .map_or(deepest.conversation.id, |row| row.conversation.id),
    })
}
