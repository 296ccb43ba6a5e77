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
        (content, offered_by): (&Content, Option<Author>),
        pointer: &str,
    ) -> Result<bool, StoreError> {
        let verdict = self.judged(thread, content);
        // Of all that can be tapped only our own question asks for a rating: a tap on a button of
        // the bot, or of an agent of before, is none, whatever number it says.
        let rates = offered_by == Some(Author::System);
        let others_button = matches!(content, Content::Choice { .. })
            && !rates
            && thread.conversation.state.control() == Control::Bot;
        let words = content.words().filter(|_| !others_button);
        let words = words.map(str::to_owned);
        self.decided(thread, message, &verdict).await?;
        let event = Event::ContactMessage {
            message,
            words,
            rates,
            verdict,
        };
        let stepped = self.step(thread, &event).await?;
        let phase = &thread.conversation.state.phase;
        if matches!(phase, Phase::Requested { .. }) && stepped.forward.is_empty() {
            // Should the desk never open, the bot gets this after all.
            let raw = (hook.excerpt)(&[pointer.to_owned()]).unwrap_or_else(|| hook.raw.clone());
            self.keep(hook, WebhookId(message.0), &raw, None)?;
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

    /// Records the rule that decided about a message, for its trace. Most messages meet none.
    pub(super) async fn decided(
        &mut self,
        thread: &Thread,
        message: MessageId,
        verdict: &Verdict,
    ) -> Result<(), StoreError> {
        let (rule, what) = match verdict {
            Verdict::HandOff(request) => (request.rule, request.reason.name()),
            Verdict::Answer { rule, .. } => (Some(*rule), "answer"),
            Verdict::Ignore { rule } => (Some(*rule), "ignore"),
            Verdict::Pass => (None, "pass"),
        };
        let whose = (thread.conversation.tenant, thread.conversation.id);
        self.tell_ruled(whose, message, (what, rule));
        if matches!(verdict, Verdict::Pass) {
            return Ok(());
        }
        let text =
            "update messages set rule_id = $3, rule_found = $4 where tenant_id = $1 and id = $2";
        let values = [
            thread.conversation.tenant.0.into(),
            message.0.into(),
            rule.map(|r| r.0).into(),
            what.into(),
        ];
        self.run(text, values).await?;
        Ok(())
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

    /// The contact wrote after a long silence: what waited for the platform's window goes now. In a
    /// conversation that has just begun nothing can wait.
    pub(super) async fn reopen(&mut self, thread: &Thread) -> Result<(), StoreError> {
        let silent = thread
            .contact
            .last_inbound_at
            .is_none_or(|at| self.now.since(at) > std::time::Duration::from_secs(23 * 3600));
        if silent && thread.conversation.last_seq > 1 {
            let text =
                "update outbox set next_at = NOW where tenant_id = $1 and conversation_id = $2
                and lane = $3 and state = 'pending' and code = 'window'";
            let conversation = &thread.conversation;
            let lane = domain::outbound::Lane::Channel;
            let values = [
                conversation.tenant.0.into(),
                conversation.id.0.into(),
                lane.number().into(),
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

    /// A tap on one of our own buttons says what the button stood for; and whose words offered it.
    pub(super) async fn resolved(
        &self,
        thread: &Thread,
        content: &Content,
    ) -> Result<(Content, Option<Author>), StoreError> {
        #[derive(FromQueryResult)]
        struct Row {
            content: String,
            author: String,
        }
        let Content::Choice {
            label,
            payload: Some(payload),
            offered_in,
        } = content
        else {
            return Ok((content.clone(), None));
        };
        let Some((message, index)) = payload
            .strip_prefix(CHOICE_MARK)
            .and_then(|p| p.split_once(':'))
        else {
            return Ok((content.clone(), None));
        };
        let (Ok(message), Ok(index)) = (uuid::Uuid::parse_str(message), index.parse::<usize>())
        else {
            return Ok((content.clone(), None));
        };
        let text = "select content, author from messages where tenant_id = $1 and id = $2 and conversation_id = $3";
        let conversation = &thread.conversation;
        let values = [
            conversation.tenant.0.into(),
            message.into(),
            conversation.id.0.into(),
        ];
        let row: Option<Row> = self.one(text, values).await?;
        let author = row.as_ref().and_then(|r| match r.author.as_str() {
            "agent" => Some(Author::Agent),
            "system" => Some(Author::System),
            _ => None,
        });
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
        let content = Content::Choice {
            label: said.unwrap_or_else(|| label.clone()),
            payload: None,
            offered_in: offered_in.clone(),
        };
        Ok((content, author))
    }
}

/// Whether the platform's service window opens with it: what the contact does, not what the
/// platform reports about them.
pub(super) fn opens_window(content: &Content) -> bool {
    !matches!(content, Content::Notice { .. } | Content::Delete { .. })
}
