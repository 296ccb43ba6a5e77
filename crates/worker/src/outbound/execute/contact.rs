//! Saying something to the contact.

use super::super::dispatch::Shared;
use super::super::doubt::NEWS;
use super::super::pace::Towards;
use super::super::read::{Answered, mark};
use super::{Attempt, from_account, from_store};
use crate::Context;
use adapters::ingest::{SentPart, Stored, choice_prefix};
use adapters::store::{ConversationRow, Errand, StoreError};
use domain::channel::{ChannelHealth, ChannelKind, ChannelSettings};
use domain::message::{Author, Content, Message};
use domain::outbound::{Claim, Failure, SendError, StoredNote, ThrottleScope};
use domain::ports::RenderContext;
use domain::tenant::Language;
use domain::time::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// Sends every part that has not been taken yet, in order.
pub(super) async fn send(shared: &Arc<Shared>, claim: &Claim, errand: Errand) -> Attempt {
    match prepare(&shared.context, claim, errand).await {
        Ok(ready) => ready.send(shared, claim).await,
        Err(error) => Attempt::failed(error),
    }
}

struct Ready {
    open: adapters::accounts::OpenChannel,
    channel: Arc<dyn domain::ports::Channel>,
    row: ConversationRow,
    message: Message,
    parts: Vec<domain::ports::Part>,
    /// Parts that were taken by an earlier try.
    taken: Vec<u16>,
}

async fn prepare(context: &Context, claim: &Claim, errand: Errand) -> Result<Ready, SendError> {
    let tenant = context.store.tenant(claim.wakeup.tenant);
    let store = |e: StoreError| from_store(&e);
    // Every row's first part was announced when the row was written, further ones before they
    // were first sent: whatever became of an earlier try, the platform's news found them.
    let Errand {
        company,
        row,
        message,
        taken,
        ..
    } = errand;
    let mut message = message.ok_or_else(|| store(StoreError::NotFound))?;
    let open = context
        .accounts
        .channel(claim.wakeup.tenant, row.conversation.channel)
        .await
        .map_err(|e| from_account(&e))?;
    let channel = context
        .channels
        .get(open.channel.kind)
        .cloned()
        .ok_or_else(|| SendError::clear(Failure::Payload, "no such platform here"))?;
    if message
        .content
        .attachment()
        .is_some_and(domain::message::Attachment::is_missing)
    {
        // The agent's file is fetched in its own lane; this does not wait for it, and sends no hole.
        super::media::ensure(context, claim, &mut message).await?;
    }
    let now = context.clock.now();
    let settings = company.settings;
    let prefix = match (
        &message.author,
        settings.policy.agent_name_prefix,
        &message.author_name,
    ) {
        (Author::Agent, true, Some(name)) => name.clone(),
        _ => String::new(),
    };
    let file_link = message
        .content
        .attachment()
        .and_then(|a| a.stored.as_ref())
        .map(|file| context.links.file(claim.wakeup.tenant, file.id, now));
    let rendering = RenderContext {
        prefix,
        reply_to: message.reply_to.clone(),
        settings: worded(&open.channel.settings, settings.language),
        last_inbound_at: row.contact.last_inbound_at,
        now,
        choice_prefix: choice_prefix(message.id),
        file_link,
    };
    let content = shown(&message.content, settings.language);
    let parts = channel.render(&content, &rendering);
    if parts.len() > 1 {
        let number = u16::try_from(parts.len()).unwrap_or(u16::MAX);
        tenant
            .announce_parts(&row, message.id, number)
            .await
            .map_err(store)?;
    }
    Ok(Ready {
        open,
        channel,
        row,
        message,
        parts,
        taken,
    })
}

/// The line's settings with the words that the tenant's language gives where it chose none.
fn worded(settings: &ChannelSettings, language: Language) -> ChannelSettings {
    let default = match language {
        Language::Es => "Ver opciones",
        Language::En => "See options",
        Language::Pt => "Ver opções",
    };
    let own = settings.list_button.clone();
    ChannelSettings {
        list_button: own.or_else(|| Some(default.to_owned())),
        ..settings.clone()
    }
}

impl Ready {
    async fn send(self, shared: &Arc<Shared>, claim: &Claim) -> Attempt {
        let context = &shared.context;
        if let Some(attempt) = self.outside_window(context, claim) {
            return attempt;
        }
        if let Some(attempt) = self.in_doubt(shared, claim) {
            return attempt;
        }
        let tenant = claim.wakeup.tenant;
        let to = &self.row.contact.address;
        let towards = Towards {
            kind: self.open.channel.kind,
            line: self.open.channel.id,
            conversation: claim.wakeup.conversation,
            // Telegram's groups have negative ids.
            group: to.key.starts_with('-'),
        };
        let mut sent = Vec::new();
        for (number, part) in (0_u16..).zip(&self.parts) {
            if self.taken.contains(&number) {
                continue;
            }
            if let Err(until) = shared.pace.turn(towards, context.clock.now()).await {
                return paced(claim, until, sent);
            }
            let identity = self.message.id.delivery_identity(number);
            match self
                .channel
                .send(tenant, &self.open.credentials, to, part, identity)
                .await
            {
                Ok(receipt) => {
                    sent.push(SentPart {
                        part: number,
                        identity,
                        external_id: receipt.external_id,
                    });
                }
                Err(mut error) => {
                    told_the_line(shared, towards, &mut error);
                    self.note_health(context, claim, &error).await;
                    let mut attempt = Attempt::failed(error);
                    attempt.wait_for_news = self.tells_afterwards();
                    attempt.progress = waiting(claim);
                    attempt.parts = sent;
                    return attempt;
                }
            }
        }
        self.mark_read(shared, claim);
        Attempt::done(Stored {
            parts: sent,
            ..Stored::default()
        })
    }

    /// Free words outside the platform's window would be refused: they wait for the contact's
    /// next word, and the agent is told once.
    fn outside_window(&self, context: &Context, claim: &Claim) -> Option<Attempt> {
        let until = self.channel.window(
            &self.open.channel.settings,
            self.row.contact.last_inbound_at,
        )?;
        let template = self.open.channel.settings.reopen_template.is_some()
            && self.open.channel.kind == ChannelKind::WhatsApp;
        if context.clock.now() < until || template {
            return None;
        }
        let error = SendError::clear(Failure::Window, "outside the platform's service window")
            .with_code("window");
        let mut attempt = Attempt::failed(error);
        attempt.asked = false;
        let told = claim.progress.get("told").is_some();
        attempt.progress =
            serde_json::json!({ "told": true, "waited": claim.progress.get("waited") });
        attempt.note =
            (!told && self.message.author == Author::Agent).then_some(StoredNote::WaitsForWindow {
                message: self.message.id,
            });
        Some(attempt)
    }

    /// An earlier try may have arrived: the platform's news may settle whether it did. After a try
    /// whose end nobody saw it is waited for from now on, in any case until it is due.
    fn in_doubt(&self, shared: &Shared, claim: &Claim) -> Option<Attempt> {
        let told = claim
            .progress
            .get("waited")
            .and_then(serde_json::Value::as_u64);
        let waited = told == Some(u64::from(claim.attempts));
        let all = (0_u16..)
            .zip(&self.parts)
            .all(|(n, _)| self.taken.contains(&n));
        let (now, due) = (
            shared.context.clock.now(),
            shared.doubt.due(claim.first_try_at),
        );
        let settled = waited && due <= now;
        if !claim.ambiguous || settled || all || !self.tells_afterwards() {
            return None;
        }
        let mut attempt = Attempt::failed(SendError::ambiguous("an earlier try may have arrived"));
        let from_now = if waited { now } else { now.after(NEWS) };
        attempt.asked = false;
        attempt.not_before = Some(due.max(from_now));
        attempt.progress = waiting(claim);
        Some(attempt)
    }

    /// Telegram tells nothing afterwards (`channels.md` §8).
    fn tells_afterwards(&self) -> bool {
        self.open.channel.kind != ChannelKind::Telegram
    }

    /// An agent has answered: what the contact wrote was read.
    fn mark_read(&self, shared: &Arc<Shared>, claim: &Claim) {
        let (Author::Agent, Some(last)) = (&self.message.author, self.row.contact.last_inbound_at)
        else {
            return;
        };
        let answered = Answered {
            tenant: claim.wakeup.tenant,
            conversation: claim.wakeup.conversation,
            channel: self.channel.clone(),
            credentials: self.open.credentials.clone(),
            to: self.row.contact.address.clone(),
            last_inbound_at: last,
        };
        mark(shared, answered);
    }

    /// Refused credentials concern the whole line: its page says so.
    async fn note_health(&self, context: &Context, claim: &Claim, error: &SendError) {
        let why = error.detail.clone();
        let health = match error.failure {
            Failure::Unauthorized => ChannelHealth::NeedsAttention { why },
            Failure::Policy => ChannelHealth::Restricted { why },
            _ => return,
        };
        if self.open.channel.health == health {
            return;
        }
        let channels = context.store.tenant(claim.wakeup.tenant).channels();
        if let Err(error) = channels.set_health(self.open.channel.id, &health).await {
            tracing::warn!(channel = %self.open.channel.id, %error, "the health of a line could not be noted");
        }
    }
}

/// The rest goes when the platform wants it.
fn paced(claim: &Claim, until: Timestamp, sent: Vec<SentPart>) -> Attempt {
    let throttled = Failure::Throttled {
        scope: ThrottleScope::Contact,
        retry_after: Some(Duration::ZERO),
    };
    let mut attempt = Attempt::failed(SendError::clear(throttled, "keeping the platform's pace"));
    attempt.asked = !sent.is_empty();
    attempt.not_before = Some(until);
    attempt.progress = claim.progress.clone();
    attempt.parts = sent;
    attempt
}

/// Telegram throttles without saying whom: a second contact at the same time tells.
fn told_the_line(shared: &Shared, to: Towards, error: &mut SendError) {
    let Failure::Throttled { scope, retry_after } = &mut error.failure else {
        return;
    };
    let now = shared.context.clock.now();
    let until = now.after(retry_after.unwrap_or(Duration::from_secs(5)));
    if *scope == ThrottleScope::Contact
        && to.kind == ChannelKind::Telegram
        && shared
            .pace
            .means_the_line(to.line, to.conversation, now, until)
    {
        *scope = ThrottleScope::Connection;
    }
}

/// The progress of a row whose next try need not wait again for the platform's news.
fn waiting(claim: &Claim) -> serde_json::Value {
    let mut progress = match &claim.progress {
        serde_json::Value::Object(known) => known.clone(),
        _ => serde_json::Map::new(),
    };
    progress.insert("waited".to_owned(), claim.attempts.saturating_add(1).into());
    serde_json::Value::Object(progress)
}

/// An agent's file that cannot be had is told in words, never dropped.
fn shown(content: &Content, language: domain::tenant::Language) -> Content {
    use domain::tenant::Language;
    match content.attachment() {
        Some(attachment) if attachment.stored.is_none() => Content::text(match language {
            Language::Es => "Te enviamos un archivo, pero no se pudo entregar.",
            Language::En => "We sent you a file, but it could not be delivered.",
            Language::Pt => "Enviamos um arquivo, mas não foi possível entregá-lo.",
        }),
        _ => content.clone(),
    }
}
