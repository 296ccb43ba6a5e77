//! The bot's answers in each platform's words, sent through the configured base URL.

use std::time::Duration;

use reqwest::RequestBuilder;
use serde_json::{Value, json};

use super::Bot;
use super::answer::Answer;
use super::config::BotConfig;
use super::intake::Said;
use crate::phone::kind::Kind;

/// Sends an answer; writes down what came of it. The bot does not insist: while a human has
/// control its answers are refused, and that is right.
pub(super) async fn speak(bot: &Bot, config: &BotConfig, said: &Said, answer: &Answer) {
    if let Some(callback) = &said.callback {
        let body = json!({"callback_query_id": callback});
        if let Err(error) = post(bot, config, "answerCallbackQuery", body).send().await {
            tracing::debug!(error = %error.without_url(), "the callback was not answered");
        }
    }
    let body = match config.kind {
        Kind::Whatsapp => whatsapp(said, answer),
        Kind::Telegram => telegram(said, answer),
        _ => messenger(said, answer),
    };
    let result = post(bot, config, "sendMessage", body).send().await;
    let (kind, status, text) = match result {
        Ok(response) => {
            let status = response.status();
            let kind = if status.is_success() {
                "answered"
            } else {
                "answer_refused"
            };
            (
                kind,
                Some(status.as_u16()),
                response.text().await.unwrap_or_default(),
            )
        }
        Err(error) => ("answer_refused", None, error.without_url().to_string()),
    };
    let response: Value = serde_json::from_str(&text).unwrap_or(Value::String(text));
    bot.remember(
        kind,
        &config.account,
        &said.id,
        json!({"to": said.contact, "text": answer.text, "status": status, "response": response}),
    );
}

fn post(bot: &Bot, config: &BotConfig, method: &str, body: Value) -> RequestBuilder {
    let base = config.api_base.trim_end_matches('/');
    let url = match config.kind {
        Kind::Telegram => format!("{base}/bot{}/{method}", config.token),
        _ => {
            let sender = config.sender.as_deref().unwrap_or(&config.account);
            format!("{base}/v25.0/{sender}/messages")
        }
    };
    let request = bot
        .core
        .http
        .post(url)
        .timeout(Duration::from_secs(15))
        .json(&body);
    match config.kind {
        Kind::Telegram => request,
        _ => request.bearer_auth(&config.token),
    }
}

fn whatsapp(said: &Said, answer: &Answer) -> Value {
    let mut body = json!({"messaging_product": "whatsapp", "recipient_type": "individual"});
    if said.contact.contains('.') {
        body["recipient"] = said.contact.as_str().into();
    } else {
        // The plus matters: without it the message may reach a stranger.
        body["to"] = format!("+{}", said.contact).into();
    }
    if answer.options.is_empty() {
        body["type"] = "text".into();
        body["text"] = json!({"body": answer.text});
        return body;
    }
    let buttons: Vec<Value> = answer
        .options
        .iter()
        .map(|(id, title)| json!({"type": "reply", "reply": {"id": id, "title": title}}))
        .collect();
    body["type"] = "interactive".into();
    body["interactive"] = json!({
        "type": "button", "body": {"text": answer.text}, "action": {"buttons": buttons},
    });
    body
}

fn messenger(said: &Said, answer: &Answer) -> Value {
    let mut message = json!({"text": answer.text});
    if !answer.options.is_empty() {
        message["quick_replies"] = answer
            .options
            .iter()
            .map(|(id, title)| json!({"content_type": "text", "title": title, "payload": id}))
            .collect();
    }
    json!({"recipient": {"id": said.contact}, "messaging_type": "RESPONSE", "message": message})
}

fn telegram(said: &Said, answer: &Answer) -> Value {
    let mut body = json!({"chat_id": said.contact, "text": answer.text});
    if !answer.options.is_empty() {
        let rows: Vec<Value> = answer
            .options
            .iter()
            .map(|(id, title)| json!([{"text": title, "callback_data": id}]))
            .collect();
        body["reply_markup"] = json!({"inline_keyboard": rows});
    }
    body
}
