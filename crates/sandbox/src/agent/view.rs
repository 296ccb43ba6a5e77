//! What the page shows.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Query};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::letstalk::{
    Content, Conversation, Group, LetsTalk, MemberRole, Message, MessageKind, PersonKind, Refusal,
    Status,
};

/// How long the page waits for a change before it asks again.
const CHANGE_PATIENCE: Duration = Duration::from_secs(25);

#[derive(Deserialize)]
pub(super) struct Who {
    agent: i64,
}

#[derive(Deserialize)]
pub(super) struct After {
    #[serde(default)]
    after: u64,
}

/// A row of the list of conversations.
#[derive(Serialize)]
struct Summary {
    id: i64,
    issue: String,
    status: Status,
    client: String,
    last_text: String,
    last_by: &'static str,
    last_ms: u64,
    unread: usize,
    mine: bool,
    agents: Vec<String>,
    groups: Vec<String>,
}

/// A message as the page draws it.
#[derive(Serialize)]
struct Line {
    id: i64,
    author: String,
    by: &'static str,
    internal: bool,
    kind: &'static str,
    text: Option<String>,
    file: Option<Value>,
    actions: Option<Value>,
    at_ms: u64,
}

/// Organizations with their agents and groups, without credentials.
pub(super) async fn accounts(platform: Data<LetsTalk>) -> HttpResponse {
    let accounts: Vec<Value> = platform
        .account_views()
        .into_iter()
        .map(|account| {
            let agents: Vec<Value> = account
                .agents
                .iter()
                .map(|agent| {
                    json!({
                        "id": agent.user_id,
                        "name": agent.name,
                        "online": agent.online,
                        "integration": agent.user_id == account.user_id,
                    })
                })
                .collect();
            json!({
                "id": account.organization_id,
                "name": account.name,
                "agents": agents,
                "groups": account.groups,
            })
        })
        .collect();
    HttpResponse::Ok().json(accounts)
}

/// Answers as soon as something is newer than `after`, or after a while.
pub(super) async fn changes(platform: Data<LetsTalk>, query: Query<After>) -> HttpResponse {
    let mut changes = platform.changes();
    let newer = changes.wait_for(|revision| *revision > query.after);
    // Time up and platform gone mean the same to the page: ask again.
    let _ = tokio::time::timeout(CHANGE_PATIENCE, newer).await;
    let revision = *platform.changes().borrow();
    HttpResponse::Ok().json(json!({ "revision": revision }))
}

/// The organization's conversations, the one with the newest message first.
pub(super) async fn conversations(
    platform: Data<LetsTalk>,
    who: Query<Who>,
) -> Result<HttpResponse, Refusal> {
    let organization = platform
        .person(who.agent)
        .ok_or(Refusal::NotFound)?
        .organization;
    let groups = groups_of(&platform, organization);
    let mut rows: Vec<Summary> = platform
        .conversation_ids(organization)
        .into_iter()
        .filter_map(|id| platform.conversation(id))
        .map(|thread| summary(&platform, &thread, who.agent, &groups))
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.last_ms));
    Ok(HttpResponse::Ok().json(rows))
}

/// One conversation with all its messages.
pub(super) async fn thread(
    platform: Data<LetsTalk>,
    id: Path<i64>,
    who: Query<Who>,
) -> Result<HttpResponse, Refusal> {
    let agent = platform.person(who.agent).ok_or(Refusal::NotFound)?;
    let thread = platform
        .conversation(*id)
        .filter(|thread| thread.organization == agent.organization)
        .ok_or(Refusal::NotFound)?;
    let lines: Vec<Line> = thread
        .messages
        .iter()
        .map(|message| line(&platform, message, who.agent))
        .collect();
    let client = platform.person(thread.client);
    Ok(HttpResponse::Ok().json(json!({
        "summary": summary(&platform, &thread, who.agent, &groups_of(&platform, thread.organization)),
        "client": {
            "name": client.as_ref().map(|client| &client.name),
            "email": client.as_ref().map(|client| &client.email),
        },
        "created_ms": thread.created_ms,
        "metadata": thread.metadata,
        "messages": lines,
    })))
}

fn groups_of(platform: &LetsTalk, organization: i64) -> Vec<Group> {
    platform
        .account(organization)
        .map_or_else(Vec::new, |account| account.groups)
}

fn summary(platform: &LetsTalk, thread: &Conversation, agent: i64, groups: &[Group]) -> Summary {
    let last = thread
        .messages
        .iter()
        .rev()
        .find(|message| message.kind == MessageKind::Normal);
    let name = |id: i64| platform.person(id).map(|person| person.name);
    let groups = thread.groups.iter().filter_map(|(_, id)| {
        let group = groups.iter().find(|group| group.id == *id)?;
        Some(group.name.clone())
    });
    let unread = thread
        .messages
        .iter()
        .filter(|message| {
            message.id > thread.read_up_to
                && message.kind == MessageKind::Normal
                && message.person == thread.client
        })
        .count();
    Summary {
        id: thread.id,
        issue: thread.issue.clone(),
        status: thread.status,
        client: name(thread.client).unwrap_or_default(),
        last_text: last.map(preview).unwrap_or_default(),
        last_by: last.map_or("system", |last| by(platform, last, agent)),
        last_ms: thread
            .messages
            .last()
            .map_or(thread.created_ms, |last| last.created_ms),
        unread,
        mine: thread
            .members
            .iter()
            .any(|member| member.person == agent && member.role == MemberRole::Member),
        agents: thread
            .members
            .iter()
            .filter_map(|member| name(member.person))
            .collect(),
        groups: groups.collect(),
    }
}

fn preview(message: &Message) -> String {
    match &message.content {
        Content::Text(text) => text.chars().take(120).collect(),
        Content::File(file) => format!("📎 {}", file.name),
        Content::Actions(list) => format!("☰ {}", list["title"].as_str().unwrap_or_default()),
    }
}

fn by(platform: &LetsTalk, message: &Message, agent: i64) -> &'static str {
    if message.kind == MessageKind::System {
        "system"
    } else if message.person == agent {
        "me"
    } else {
        match platform.person(message.person).map(|person| person.kind) {
            Some(PersonKind::Client) => "client",
            _ => "agent",
        }
    }
}

fn line(platform: &LetsTalk, message: &Message, agent: i64) -> Line {
    let (kind, text, file, actions) = match &message.content {
        Content::Text(text) => ("text", Some(text.clone()), None, None),
        Content::File(file) => (
            "file",
            None,
            Some(json!({
                "name": file.name,
                "mime": file.mime,
                "size": file.bytes.len(),
                "url": file.url,
            })),
            None,
        ),
        Content::Actions(list) => ("actions", None, None, Some(list.clone())),
    };
    Line {
        id: message.id,
        author: platform
            .person(message.person)
            .map(|person| person.name)
            .unwrap_or_default(),
        by: by(platform, message, agent),
        internal: message.internal,
        kind,
        text,
        file,
        actions,
        at_ms: message.created_ms,
    }
}
