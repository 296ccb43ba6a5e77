//! Shows the home page.

use super::view::{HomePage, Progress, steps};
use crate::extract::Member;
use crate::pages::conversations::list_view::Talk;
use crate::pages::shell::{Nav, Shell};
use crate::pages::{Page, html};
use actix_web::http::StatusCode;
use adapters::store::ConversationFilter;
use domain::channel::ChannelKind;

/// How many conversations the page shows.
const LATEST: u64 = 6;

pub(super) async fn show(member: Member) -> Page {
    let l = member.visitor.lang;
    let mut channels = member.store.channels().list().await?;
    channels.retain(|c| c.kind != ChannelKind::Test);
    let seen = member.store.overview().await?;
    let without_bot = channels
        .iter()
        .find(|c| c.kind != ChannelKind::Api && c.settings.bot_url.is_none());
    let progress = Progress {
        channel: !channels.is_empty(),
        bot: channels
            .iter()
            .any(|c| c.kind == ChannelKind::Api || c.settings.bot_url.is_some()),
        desk: seen.desk,
        rule: seen.rule,
        handoff: seen.handoff,
        bot_href: without_bot.map_or_else(
            || "/channels".to_owned(),
            |c| format!("/channels/{}#bot-title", c.id),
        ),
    };
    let steps = steps(l, &progress, member.who.role);
    let done = steps.iter().filter(|s| s.done).count();
    let conversations = member.store.conversations();
    let latest = if done == steps.len() {
        conversations
            .list(&ConversationFilter::default(), None, LATEST)
            .await?
    } else {
        vec![]
    };
    let dates = member.dates();
    let first_name = member.who.name.split_whitespace().next().unwrap_or("");
    let (done_text, all_text) = (done.to_string(), steps.len().to_string());
    let counts = [("done", done_text.as_str()), ("all", all_text.as_str())];
    let page = HomePage {
        s: Shell::inside(&member, Nav::Home),
        greeting: l.with("home-greeting", "name", first_name),
        progress: l.filled("home-progress", &counts),
        done,
        steps,
        open: seen.open,
        failed: seen.failed,
        channels: channels.len(),
        talks: latest.iter().map(|row| Talk::of(row, &dates, l)).collect(),
    };
    Ok(html(StatusCode::OK, &page))
}
