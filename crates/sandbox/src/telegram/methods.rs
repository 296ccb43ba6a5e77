//! The names of the Bot API's methods.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::bot::BotAccount;
use super::errors::{Answer, BotApiError};
use super::files::GET_FILE_MAX;
use super::params::Params;
use super::{Telegram, edit, hooks, send, send_more};
use crate::phone::kind::Kind;
use crate::phone::locked::lock;
use crate::phone::threads::Key;

/// How long a callback query can be answered.
const CALLBACK_LIFE_MS: i64 = 15 * 60 * 1000;

/// Carries out a method. Names are compared without regard to case, as the server does.
pub(super) async fn call(
    telegram: &Arc<Telegram>,
    bot: &Arc<BotAccount>,
    method: &str,
    params: &Params,
) -> Answer {
    let name = method.to_ascii_lowercase();
    match name.as_str() {
        "getme" => Ok(me(bot).into()),
        "setwebhook" => hooks::set(telegram, bot, params),
        "deletewebhook" => hooks::delete(telegram, bot, params),
        "getwebhookinfo" => Ok(hooks::info(bot).into()),
        "getupdates" => hooks::poll(telegram, bot, params).await,
        "sendmessage" => send::text(telegram, bot, params),
        "sendphoto" => send::file(telegram, bot, params, "photo").await,
        "senddocument" => send::file(telegram, bot, params, "document").await,
        "sendvideo" => send::file(telegram, bot, params, "video").await,
        "sendaudio" => send::file(telegram, bot, params, "audio").await,
        "sendvoice" => send::file(telegram, bot, params, "voice").await,
        "sendanimation" => send::file(telegram, bot, params, "animation").await,
        "sendvideonote" => send::file(telegram, bot, params, "video_note").await,
        "sendsticker" => send::file(telegram, bot, params, "sticker").await,
        "sendmediagroup" => send_more::album(telegram, bot, params).await,
        "sendlocation" | "sendvenue" | "sendcontact" | "senddice" => {
            send_more::other(telegram, bot, params, &name)
        }
        "sendchataction" => chat_action(telegram, bot, params),
        "forwardmessage" => send_more::again(telegram, bot, params, true),
        "copymessage" => send_more::again(telegram, bot, params, false),
        "editmessagetext"
        | "editmessagecaption"
        | "editmessagereplymarkup"
        | "editmessagemedia" => edit::edit(telegram, bot, params, &name).await,
        "deletemessage" => edit::delete(telegram, bot, params),
        "setmessagereaction" => edit::react(telegram, bot, params),
        "answercallbackquery" => answer_callback(telegram, bot, params),
        "getfile" => get_file(bot, params),
        "getchat" => send::chat(telegram, bot, params).map(Into::into),
        "getmycommands" => Ok(stored(bot, "mycommands")
            .remove("commands")
            .unwrap_or(json!([]))
            .into()),
        "getuserprofilephotos" => Ok(json!({"total_count": 0, "photos": []}).into()),
        _ => setting(bot, &name, params),
    }
}

fn me(bot: &BotAccount) -> Value {
    let mut user = bot.user();
    for (name, value) in [
        ("can_join_groups", true),
        ("can_read_all_group_messages", false),
        ("supports_inline_queries", false),
        ("can_connect_to_business", false),
        ("has_main_web_app", false),
    ] {
        user[name] = value.into();
    }
    user
}

fn stored(bot: &BotAccount, name: &str) -> Map<String, Value> {
    lock(&bot.state)
        .settings
        .get(name)
        .cloned()
        .unwrap_or_default()
}

/// Every other `set…`, `delete…`, `pin…` and the like succeeds; unknown names do not exist.
fn setting(bot: &BotAccount, name: &str, params: &Params) -> Answer {
    const HARMLESS: &[&str] = &[
        "pin", "unpin", "leave", "close", "log", "approve", "decline",
    ];
    if let Some(what) = name.strip_prefix("set") {
        let mut values = Map::new();
        for key in [
            "commands",
            "name",
            "description",
            "short_description",
            "menu_button",
        ] {
            if let Some(value) = params
                .structure(key)
                .ok()
                .flatten()
                .or_else(|| params.text(key).map(Value::String))
            {
                values.insert(key.to_owned(), value);
            }
        }
        lock(&bot.state).settings.insert(what.to_owned(), values);
        return Ok(json!(true).into());
    }
    if let Some(what) = name.strip_prefix("delete") {
        lock(&bot.state).settings.remove(what);
        return Ok(json!(true).into());
    }
    if HARMLESS.iter().any(|head| name.starts_with(head)) {
        return Ok(json!(true).into());
    }
    Err(BotApiError::no_method())
}

fn chat_action(telegram: &Telegram, bot: &BotAccount, params: &Params) -> Answer {
    let key = send::chat_key(telegram, bot, params)?;
    let action = params
        .text("action")
        .ok_or_else(|| BotApiError::bad("parameter \"action\" is required"))?;
    const KNOWN: &[&str] = &["typing", "upload_", "record_", "choose_", "find_"];
    if !KNOWN.iter().any(|known| action.starts_with(known)) {
        return Err(BotApiError::bad("wrong parameter action in request"));
    }
    telegram.threads.typing(&key, telegram.now_ms() + 5000);
    Ok(json!(true).into())
}

fn answer_callback(telegram: &Telegram, bot: &BotAccount, params: &Params) -> Answer {
    let id = params.text("callback_query_id").unwrap_or_default();
    if params
        .text("text")
        .is_some_and(|text| text.chars().count() > 200)
    {
        return Err(BotApiError::bad("MESSAGE_TOO_LONG"));
    }
    let made = lock(&bot.state).callbacks.remove(&id);
    match made {
        Some(at) if telegram.now_ms() - at <= CALLBACK_LIFE_MS => Ok(json!(true).into()),
        _ => Err(BotApiError::bad(
            "query is too old and response timeout expired or query ID is invalid",
        )),
    }
}

fn get_file(bot: &BotAccount, params: &Params) -> Answer {
    let id = params.text("file_id").unwrap_or_default();
    let state = lock(&bot.state);
    let file = state
        .files
        .get(&id)
        .ok_or_else(|| BotApiError::bad("wrong file_id or the file is temporarily unavailable"))?;
    if file.bytes.len() > GET_FILE_MAX {
        return Err(BotApiError::bad("file is too big"));
    }
    Ok(json!({
        "file_id": file.file_id, "file_unique_id": file.unique_id,
        "file_size": file.bytes.len(), "file_path": file.path,
    })
    .into())
}

/// The conversation of a bot and a chat.
pub(super) fn key(bot: &BotAccount, chat: &str) -> Key {
    Key::new(Kind::Telegram, &bot.id, chat)
}
