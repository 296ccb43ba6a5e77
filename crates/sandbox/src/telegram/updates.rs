//! Updates on their way to the bot: queued per chat, one at a time, tried until a 2xx.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::bot::{BotAccount, Update, Webhook};
use super::params::Params;
use super::{Telegram, methods};
use crate::ledger::{Entry, Service};
use crate::phone::kind::Kind;
use crate::phone::locked::lock;
use crate::webhook::schedule::telegram_pause_s;
use crate::webhook::{Answer, Delivery, Handling};

const DAY_MS: i64 = 24 * 3600 * 1000;
const CALLBACK_LIFE_MS: i64 = 150 * 1000;
/// Kinds that must be asked for by name.
const ON_REQUEST: [&str; 3] = ["chat_member", "message_reaction", "message_reaction_count"];

impl Telegram {
    /// Queues an update, unless the bot does not want its kind; answers its id.
    pub(crate) fn enqueue(
        self: &Arc<Self>,
        bot: &Arc<BotAccount>,
        chat: &str,
        kind: &'static str,
        content: Value,
    ) -> Option<i64> {
        let (id, start, polled) = {
            let mut state = lock(&bot.state);
            let wanted = match &state.allowed {
                Some(allowed) => allowed.contains(kind),
                None => !ON_REQUEST.contains(&kind),
            };
            if !wanted {
                return None;
            }
            state.last_update += 1;
            let id = state.last_update;
            let (queue, life) = match kind {
                "callback_query" => (format!("callback {chat}"), CALLBACK_LIFE_MS),
                _ => (format!("chat {chat}"), DAY_MS),
            };
            let mut value = json!({"update_id": id});
            value[kind] = content;
            state
                .queues
                .entry(queue.clone())
                .or_default()
                .push_back(Update {
                    id,
                    kind,
                    value,
                    expires_ms: self.now_ms() + life,
                    chat: chat.to_owned(),
                });
            let start = state.webhook.is_some() && state.running.insert(queue.clone());
            (id, start.then_some(queue), state.webhook.is_none())
        };
        match start {
            Some(queue) => self.drain_later(bot, queue),
            // Only a poll waits for updates: a queue that pauses between tries must not be woken.
            None if polled => bot.wake.notify_waiters(),
            None => {}
        }
        Some(id)
    }

    /// Starts delivering every queue that waits.
    pub(crate) fn pump(self: &Arc<Self>, bot: &Arc<BotAccount>) {
        let idle: Vec<String> = {
            let mut state = lock(&bot.state);
            if state.webhook.is_none() {
                return;
            }
            let idle: Vec<String> = state
                .queues
                .iter()
                .filter(|(name, queue)| !queue.is_empty() && !state.running.contains(*name))
                .map(|(name, _)| name.clone())
                .collect();
            state.running.extend(idle.iter().cloned());
            idle
        };
        for queue in idle {
            self.drain_later(bot, queue);
        }
    }

    fn drain_later(self: &Arc<Self>, bot: &Arc<BotAccount>, queue: String) {
        let (telegram, bot) = (self.clone(), bot.clone());
        self.core
            .runtime
            .spawn(async move { telegram.drain(&bot, &queue).await });
    }

    /// Delivers one queue until it is empty or there is no webhook any more.
    async fn drain(self: &Arc<Self>, bot: &Arc<BotAccount>, queue: &str) {
        let mut tries = 0;
        while let Some((update, webhook)) = self.head(bot, queue) {
            let answer = self.deliver(bot, &update, &webhook, tries + 1).await;
            match answer {
                None => self.finish(bot, queue, update.id),
                Some(answer) if answer.is_2xx() => {
                    self.finish(bot, queue, update.id);
                    tries = 0;
                    self.answered_with_a_call(bot, &answer).await;
                }
                Some(answer) => {
                    tries += 1;
                    self.failed(bot, &answer);
                    let pause = answer
                        .retry_after
                        .map_or_else(|| telegram_pause_s(tries), |seconds| seconds.min(3600));
                    let changed = bot.wake.notified();
                    tokio::select! {
                        () = self.hooks.pause(pause) => {}
                        () = changed => {}
                    }
                }
            }
        }
    }

    /// The oldest living update of a queue; `None` ends the delivery of the queue.
    fn head(&self, bot: &BotAccount, name: &str) -> Option<(Update, Webhook)> {
        let mut guard = lock(&bot.state);
        let state = &mut *guard;
        let now = self.now_ms();
        let head = state.webhook.clone().and_then(|webhook| {
            let queue = state.queues.get_mut(name)?;
            while queue.front().is_some_and(|update| update.expires_ms <= now) {
                queue.pop_front();
            }
            queue.front().cloned().map(|update| (update, webhook))
        });
        if head.is_none() {
            state.running.remove(name);
            if state
                .queues
                .get(name)
                .is_some_and(std::collections::VecDeque::is_empty)
            {
                state.queues.remove(name);
            }
        }
        head
    }

    fn finish(&self, bot: &BotAccount, queue: &str, id: i64) {
        if let Some(queue) = lock(&bot.state).queues.get_mut(queue)
            && queue.front().is_some_and(|update| update.id == id)
        {
            queue.pop_front();
        }
    }

    fn failed(&self, bot: &BotAccount, answer: &Answer) {
        let why = match (answer.status, &answer.error) {
            (Some(status), _) => format!("Wrong response from the webhook: {status}"),
            (None, Some(error)) => format!("Connection failed: {error}"),
            (None, None) => "Connection failed".to_owned(),
        };
        lock(&bot.state).last_error = Some((self.now_ms() / 1000, why));
    }

    /// One try; `None` when the fault plan lost the update.
    async fn deliver(
        self: &Arc<Self>,
        bot: &BotAccount,
        update: &Update,
        webhook: &Webhook,
        number: u32,
    ) -> Option<Answer> {
        let mut headers = Vec::new();
        if let Some(secret) = &webhook.secret {
            headers.push(("X-Telegram-Bot-Api-Secret-Token", secret.clone()));
        }
        let delivery = Delivery {
            kind: Kind::Telegram,
            account: bot.id.clone(),
            conversation: update.chat.clone(),
            id: update.id.to_string(),
            url: webhook.url.clone(),
            headers,
            body: update.value.to_string().into(),
        };
        let copies = match self.hooks.handling(&delivery).await {
            Handling::Drop => return None,
            Handling::Send(copies) => copies,
            // Within a chat the order is fixed; between chats it is free anyway.
            Handling::Reorder(_) => 1,
        };
        let _slot = webhook.slots.clone().acquire_owned().await;
        let number = usize::try_from(number).unwrap_or(usize::MAX);
        let timeout = Duration::from_secs(60);
        let more: Vec<_> = (1..copies)
            .map(|_| {
                let (hooks, copy) = (self.hooks.clone(), delivery.clone());
                self.core
                    .runtime
                    .spawn(async move { hooks.attempt(&copy, timeout, number).await })
            })
            .collect();
        let answer = self.hooks.attempt(&delivery, timeout, number).await;
        for copy in more {
            if let Err(error) = copy.await {
                tracing::error!(%error, "a webhook copy crashed");
            }
        }
        Some(answer)
    }

    /// A 2xx answer may itself be a call; its result cannot be known to the bot.
    async fn answered_with_a_call(self: &Arc<Self>, bot: &Arc<BotAccount>, answer: &Answer) {
        let Ok(Value::Object(mut call)) = serde_json::from_slice::<Value>(&answer.body) else {
            return;
        };
        let Some(Value::String(method)) = call.remove("method") else {
            return;
        };
        let params = Params::from_object(call);
        let result = methods::call(self, bot, &method, &params).await;
        self.core.ledger.append(
            Service::Telegram,
            Entry {
                kind: "answered_with_a_call",
                account: bot.id.clone(),
                raw: json!({
                    "method": method,
                    "refused": result.err().map(|error| error.description),
                }),
                ..Entry::default()
            },
        );
    }
}
