//! The list: filtered, searched, read both ways.

use super::asked::{Asked, Way, beyond};
use super::list_view::{ConversationsPage, Found, Talk};
use crate::extract::{Fields, Member};
use crate::i18n::Lang;
use crate::pages::parts::Choice;
use crate::pages::shell::{Nav, Shell};
use crate::pages::{Page, html};
use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use adapters::store::{Beyond, FilterChoices};

/// Rows of one page.
pub(crate) const LIST_PAGE: u64 = 30;

pub(super) async fn list(request: HttpRequest, member: Member) -> Page {
    let query = Fields::parse(request.query_string().as_bytes());
    let asked = Asked::parse(&query, &member.tenant.settings.hours.time_zone);
    let l = member.visitor.lang;
    let conversations = member.store.conversations();
    let choices = conversations.choices().await?;
    let mut page = ConversationsPage::asked(&asked, Shell::inside(&member, Nav::Conversations));
    page.state = states(&asked, l);
    page.channel = channels(&asked, &choices, l);
    page.rare = rare(&asked, &choices, l);
    let dates = member.dates();
    if let Some(terms) = &asked.terms {
        let way = beyond(&query);
        let mut hits = conversations
            .search(terms, &asked.filter, way, LIST_PAGE + 1)
            .await?;
        let more = super::full(hits.len(), LIST_PAGE);
        let back = matches!(way, Some(Beyond::Newer(_)));
        if more && back {
            hits.remove(0);
        } else if more {
            hits.pop();
        }
        let place = |hit: Option<&adapters::store::Hit>| hit.map(|h| h.place.to_string());
        if more || back {
            page.older = link(&asked, "before", place(hits.last()));
        }
        if (more && back) || matches!(way, Some(Beyond::Older(_))) {
            page.newer = link(&asked, "after", place(hits.first()));
        }
        page.found = hits
            .iter()
            .map(|h| Found::of(h, terms, &dates, l))
            .collect();
        return Ok(html(StatusCode::OK, &page));
    }
    let way = Way::parse(&query);
    let mut rows = match &way {
        Way::First => {
            conversations
                .list(&asked.filter, None, LIST_PAGE + 1)
                .await?
        }
        Way::Before(cursor) => {
            let before = Some(*cursor);
            conversations
                .list(&asked.filter, before, LIST_PAGE + 1)
                .await?
        }
        Way::After(cursor) => {
            conversations
                .newer(&asked.filter, *cursor, LIST_PAGE + 1)
                .await?
        }
    };
    let more = super::full(rows.len(), LIST_PAGE);
    let back = matches!(way, Way::After(_));
    if more && back {
        rows.remove(0);
    } else if more {
        rows.pop();
    }
    let place = |row: Option<&adapters::store::ConversationRow>| {
        row.map(|r| format!("{}_{}", r.conversation.last_message_at.0, r.conversation.id))
    };
    if more || back {
        page.older = link(&asked, "before", place(rows.last()));
    }
    if (more && back) || matches!(way, Way::Before(_)) {
        page.newer = link(&asked, "after", place(rows.first()));
    }
    if matches!(way, Way::First) || (back && !more) {
        let after = rows.first().map_or(0, |r| r.conversation.last_message_at.0);
        page.live = Some(asked.address("/conversations/live", &[("since", after.to_string())]));
    }
    page.talks = rows.iter().map(|row| Talk::of(row, &dates, l)).collect();
    Ok(html(StatusCode::OK, &page))
}

fn link(asked: &Asked, name: &str, place: Option<String>) -> Option<String> {
    Some(asked.address("/conversations", &[(name, place?)]))
}

fn states(asked: &Asked, l: Lang) -> Vec<Choice> {
    let chosen = asked.value("state");
    let all = Choice::new("", l.t("filter-all-states"), chosen.is_empty());
    let each = ["human", "waiting", "active", "bot"];
    let each = each.map(|p| Choice::new(p, l.word("filter", p), chosen == p));
    std::iter::once(all).chain(each).collect()
}

fn channels(asked: &Asked, choices: &FilterChoices, l: Lang) -> Vec<Choice> {
    let all = Choice::new(
        "",
        l.t("filter-all-channels"),
        asked.filter.channel.is_none(),
    );
    let each = choices.channels.iter().map(|(id, name)| {
        Choice::new(
            id.to_string(),
            name.clone(),
            asked.filter.channel == Some(*id),
        )
    });
    std::iter::once(all).chain(each).collect()
}

/// Rule, agent and tag: name of the field, label, choices. What cannot be chosen is left out.
fn rare(
    asked: &Asked,
    choices: &FilterChoices,
    l: Lang,
) -> Vec<(&'static str, String, Vec<Choice>)> {
    let of = |name: &'static str, all: &str, values: Vec<(String, String)>| {
        let chosen = asked.value(name).to_owned();
        let known = values.iter().any(|(value, _)| *value == chosen);
        let gone =
            (!known && !chosen.is_empty()).then(|| Choice::new(&chosen, l.t("filter-gone"), true));
        let mut list = vec![Choice::new("", l.t(all), chosen.is_empty())];
        list.extend(gone);
        list.extend(values.into_iter().map(|(value, label)| {
            let on = value == chosen;
            Choice::new(value, label, on)
        }));
        (name, l.t(&format!("filter-{name}")), list)
    };
    let unnamed = |name: &String| match name.is_empty() {
        true => l.t("author-agent"),
        false => name.clone(),
    };
    let rules = choices
        .rules
        .iter()
        .map(|(id, name)| (id.to_string(), name.clone()));
    let agents = choices
        .agents
        .iter()
        .map(|(id, name)| (id.to_string(), unnamed(name)));
    let tags = choices.tags.iter().map(|tag| (tag.clone(), tag.clone()));
    let each = [
        of("rule", "filter-all-rules", rules.collect()),
        of("agent", "filter-all-agents", agents.collect()),
        of("tag", "filter-all-tags", tags.collect()),
    ];
    each.into_iter()
        .filter(|(_, _, list)| list.len() > 1)
        .collect()
}
