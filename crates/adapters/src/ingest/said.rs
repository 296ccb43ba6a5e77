//! The contact said something: rules, machine, and what it opens.

use super::CHOICE_MARK;
use super::channel::ChannelWebhook;
use super::thread::Thread;
use super::unit::Unit;
use crate::store::StoreError;
use domain::conversation::Control;
use domain::handoff::{Event, Phase, Verdict};
use domain::ids::{HandoffId, MessageId, WebhookId};
use domain::message::{Author, Content, OptionAction};
use domain::routing::{Facts, Source};
use sea_orm::FromQueryResult;

impl Unit<'_> {
    /// The contact said something new: rules, machine. Whether the bot gets it.
    pub(super) async fn said(
        &mut self,
        hook: &ChannelWebhook,
        thread: &mut Thread,
        message: MessageId,
        content: &Content,
        pointer: &str,
    ) -> Result<bool, StoreError> {
        let verdict = self.judged(thread, content);
        // A tap on one of the bot's own buttons is meant for the bot: «2» is no rating then.
        let bots_button = matches!(
            content,
            Content::Choice {
                payload: Some(_),
                ..
            }
        ) && thread.conversation.state.control() == Control::Bot;
        let words = content.words().filter(|_| !bots_button).map(str::to_owned);
        let event = Event::ContactMessage {
            message,
            words,
            verdict,
        };
        let stepped = self.step(thread, &event).await?;
        let phase = &thread.conversation.state.phase;
        if matches!(phase, Phase::Requested { .. }) && stepped.forward.is_empty() {
            // Should the desk never open, the bot gets this after all.
            let raw = (hook.excerpt)(&[pointer.to_owned()]).unwrap_or_else(|| hook.raw.clone());
            self.keep(hook, WebhookId(message.0), &raw, None).await?;
        }
        Ok(stepped.forward.contains(&message))
    }

    /// What the rules say; asked only while the bot has control.
    pub(super) fn judged(&mut self, thread: &mut Thread, content: &Content) -> Verdict {
        if thread.conversation.state.control() == Control::Human {
            return Verdict::Pass;
        }
        thread.conversation.progress = thread.conversation.progress.after_contact(content);
        thread.touch();
        let source = Source::Message {
            author: Author::Contact,
            content,
        };
        self.evaluated(thread, source)
    }

    /// Evaluates the tenant's rules; tags take effect at once.
    pub(crate) fn evaluated(&mut self, thread: &mut Thread, source: Source<'_>) -> Verdict {
        let config = thread.config.clone();
        let released_at = match &thread.conversation.state.phase {
            Phase::Bot { released_at, .. } => *released_at,
            _ => None,
        };
        let facts = Facts {
            channel: thread.kind,
            source,
            profile: &thread.contact.profile,
            progress: &thread.conversation.progress,
            hours: &config.settings.hours,
            released_at,
            now: self.now,
        };
        let found = config.rules.evaluate(&facts);
        if !found.tags.is_empty() {
            let told = domain::contact::ContactProfile {
                tags: found.tags.clone(),
                ..Default::default()
            };
            thread.learn(&told);
        }
        if let Some(rule) = &found.decided {
            self.after
                .matched
                .push((thread.conversation.tenant, rule.id));
        }
        let mut verdict = found.verdict(HandoffId(self.store.ids().next()));
        if let Verdict::HandOff(request) = &mut verdict {
            request.options.fill(&thread.values());
        }
        verdict
    }

    /// The contact wrote after a long silence: what waited for the platform's window goes now.
    pub(super) async fn reopen(&mut self, thread: &Thread) -> Result<(), StoreError> {
        let silent = thread
            .contact
            .last_inbound_at
            .is_none_or(|at| self.now.since(at) > std::time::Duration::from_secs(23 * 3600));
        if silent {
            let text =
                "update outbox set next_at = $4 where tenant_id = $1 and conversation_id = $2
                and lane = $3 and state = 'pending' and code = 'window'";
            let conversation = &thread.conversation;
            let lane = domain::outbound::Lane::Channel;
            let values = [
                conversation.tenant.0.into(),
                conversation.id.0.into(),
                lane.number().into(),
                self.now.0.into(),
            ];
            if self.run(text, values).await?.rows_affected() > 0 {
                let (tenant, conversation) = (conversation.tenant, conversation.id);
                self.after.wake.insert(domain::outbound::Wakeup {
                    tenant,
                    conversation,
                    lane,
                });
            }
        }
        Ok(())
    }

    /// A tap on one of our own buttons says what the button stood for.
    pub(super) async fn resolved(
        &self,
        thread: &Thread,
        content: &Content,
    ) -> Result<Content, StoreError> {
        #[derive(FromQueryResult)]
        struct Row {
            content: String,
        }
        let Content::Choice {
            label,
            payload: Some(payload),
            offered_in,
        } = content
        else {
            return Ok(content.clone());
        };
        let Some((message, index)) = payload
            .strip_prefix(CHOICE_MARK)
            .and_then(|p| p.split_once(':'))
        else {
            return Ok(content.clone());
        };
        let (Ok(message), Ok(index)) = (uuid::Uuid::parse_str(message), index.parse::<usize>())
        else {
            return Ok(content.clone());
        };
        let text = "select content from messages where tenant_id = $1 and id = $2 and conversation_id = $3";
        let conversation = &thread.conversation;
        let values = [
            conversation.tenant.0.into(),
            message.into(),
            conversation.id.0.into(),
        ];
        let row: Option<Row> = self.one(text, values).await?;
        let offered = row.and_then(|r| serde_json::from_str::<Content>(&r.content).ok());
        let said = match offered {
            Some(Content::Options(list)) => {
                list.items
                    .into_iter()
                    .nth(index)
                    .map(|item| match item.action {
                        OptionAction::Reply { message } if !message.trim().is_empty() => message,
                        _ => item.label,
                    })
            }
            _ => None,
        };
        Ok(Content::Choice {
            label: said.unwrap_or_else(|| label.clone()),
            payload: None,
            offered_in: offered_in.clone(),
        })
    }
}

/// Whether the platform's service window opens with it: what the contact does, not what the
/// platform reports about them.
pub(super) fn opens_window(content: &Content) -> bool {
    !matches!(content, Content::Notice { .. } | Content::Delete { .. })
}
