//! The tables that grow with messages, and how a row of each is written.

use super::bulk::Bulk;
use super::company::{Company, ZONE};
use super::talk::{Open, Talk, agent_name, end_reason};
use super::texts;
use crate::bench::chance::Chance;
use domain::contact::ContactProfile;
use domain::handoff::HandoffOptions;
use domain::ids::MessageId;
use domain::message::{Author, Content, DeliveryStatus};
use domain::metrics::Local;
use domain::outbound::{Lane, Task};
use domain::search::searchable;
use domain::time::Timestamp;
use sea_orm::{DatabaseTransaction, Value};
use uuid::Uuid;

const MESSAGES: &str =
    "tenant_id, id, channel_id, conversation_id, seq, author, author_name, content,
    dedupe_key, external_id, status, failure, handoff_id, sent_at, received_at, words";
const DELIVERIES: &str = "tenant_id, message_id, part, channel_id, conversation_id, identity,
    external_id, status, at, sent_at, delivered_at, read_at";
const OUTBOX: &str = "tenant_id, conversation_id, lane, task, message_id, state, attempts, next_at,
    error, code, created_at, ended_at, first_try_at";
const HANDOFFS: &str = "tenant_id, id, conversation_id, channel_id, contact_id, reason, rule_id,
    options, requested_at, requested_seq, opened_at, desk_conversation, last_desk_message,
    accepted_at, agent_id, agent_name, first_human_at, ended_at, end_reason, rating, day, hour,
    changed_at, previous_ended_at, started_day, contact_messages, agent_messages, replies, reply_ms";
const CONVERSATIONS: &str = "tenant_id, id, channel_id, contact_id, phase, state, progress, last_seq,
    last_message_at, last_inbound_at, last_words, last_author, failed, notes, created_at, started_at";
const CONTACTS: &str = "tenant_id, id, channel_id, key, profile, created_at";
const TAGS: &str = "tenant_id, tag, contact_id";
const NOTES: &str =
    "tenant_id, conversation_id, id, after_seq, member_id, member_name, text, created_at";

const TAGGED: [&str; 6] = [
    "vip",
    "mayorista",
    "reclamo",
    "nuevo",
    "prensa",
    "proveedor",
];

/// A message that is said.
pub(super) struct Said {
    pub id: Uuid,
    pub author: Author,
    pub text: String,
    pub at: i64,
    /// Near enough to now that its work is still known.
    pub fresh: bool,
}

/// Rows on their way into every table.
pub(super) struct Tables {
    messages: Bulk,
    deliveries: Bulk,
    outbox: Bulk,
    handoffs: Bulk,
    conversations: Bulk,
    contacts: Bulk,
    tags: Bulk,
    notes: Bulk,
}

impl Tables {
    pub fn new() -> Self {
        Self {
            messages: Bulk::into("messages", MESSAGES),
            deliveries: Bulk::into("deliveries", DELIVERIES),
            outbox: Bulk::into("outbox", OUTBOX),
            handoffs: Bulk::into("handoffs", HANDOFFS),
            conversations: Bulk::into("conversations", CONVERSATIONS),
            contacts: Bulk::into("contacts", CONTACTS),
            tags: Bulk::into("contact_tags", TAGS),
            notes: Bulk::into("notes", NOTES),
        }
    }

    /// A message with what became of it; `talk` has taken it in.
    pub async fn message(
        &mut self,
        db: &DatabaseTransaction,
        chance: &mut Chance,
        company: &Company,
        talk: &mut Talk,
        said: Said,
    ) -> anyhow::Result<()> {
        let outward = said.author != Author::Contact;
        let failed = outward && chance.once_in(2_000);
        let status = match (outward, failed) {
            (_, true) => DeliveryStatus::Failed,
            (true, _) => DeliveryStatus::Read,
            (false, _) => DeliveryStatus::Accepted,
        };
        let key = said.id.simple().to_string();
        let agent = talk.open.as_ref().and_then(|o| o.accepted).map(|a| a.1);
        let name = agent.filter(|_| said.author == Author::Agent);
        let words = searchable(&said.text);
        let content = serde_json::to_string(&Content::Text { text: said.text })?;
        let tenant: Value = company.tenant.0.into();
        let row: [Value; 16] = [
            tenant.clone(),
            said.id.into(),
            talk.channel.into(),
            talk.id.into(),
            talk.seq.into(),
            author(said.author).into(),
            name.map(agent_name).into(),
            content.into(),
            key.clone().into(),
            format!("wamid.{key}").into(),
            status.name().into(),
            failed.then(|| "131026: not on WhatsApp".to_owned()).into(),
            talk.open.as_ref().map(|o| o.id).into(),
            (said.at - 300).into(),
            said.at.into(),
            words.into(),
        ];
        self.messages.push(db, row).await?;
        if outward && !failed {
            let row: [Value; 12] = [
                tenant.clone(),
                said.id.into(),
                0_i64.into(),
                talk.channel.into(),
                talk.id.into(),
                said.id.into(),
                format!("wamid.{key}").into(),
                status.name().into(),
                (said.at + 900).into(),
                (said.at + 120).into(),
                (said.at + 600).into(),
                (said.at + 900).into(),
            ];
            self.deliveries.push(db, row).await?;
        }
        if failed {
            talk.failed += 1;
        }
        if failed || said.fresh {
            let message = MessageId(said.id);
            let state = if failed { "dead" } else { "done" };
            let row: [Value; 13] = [
                tenant,
                talk.id.into(),
                Lane::Channel.number().into(),
                serde_json::to_string(&Task::SendToContact { message })?.into(),
                said.id.into(),
                state.into(),
                1_i64.into(),
                said.at.into(),
                failed.then(|| "not on WhatsApp".to_owned()).into(),
                failed.then(|| "131026".to_owned()).into(),
                said.at.into(),
                (said.at + 120).into(),
                (said.at + 10).into(),
            ];
            self.outbox.push(db, row).await?;
        }
        Ok(())
    }

    /// A handoff, ended at `ended` or open.
    pub async fn handoff(
        &mut self,
        db: &DatabaseTransaction,
        chance: &mut Chance,
        company: &Company,
        (talk, open, ended): (&Talk, &Open, Option<i64>),
    ) -> anyhow::Result<()> {
        let local = Local::of(ZONE, Timestamp(open.requested_at));
        let first = talk.handoffs == 1;
        let started = Local::of(ZONE, Timestamp(talk.created_at)).day;
        let end = ended.map(|_| end_reason(chance, open.accepted.is_some()).name());
        let rated = ended.is_some() && open.accepted.is_some() && chance.once_in(3);
        let stars = i64::try_from(chance.below(5)).unwrap_or(0) + 1;
        let changed = ended
            .or(open.first_human_at)
            .or(open.accepted.map(|a| a.0))
            .unwrap_or(open.requested_at);
        let row: [Value; 29] = [
            company.tenant.0.into(),
            open.id.into(),
            talk.id.into(),
            talk.channel.into(),
            talk.contact.into(),
            open.reason.name().into(),
            open.rule.map(|r| r.0).into(),
            serde_json::to_string(&HandoffOptions::default())?.into(),
            open.requested_at.into(),
            open.requested_seq.into(),
            (open.requested_at + 400).into(),
            open.desk.into(),
            0_i64.into(),
            open.accepted.map(|a| a.0).into(),
            open.accepted.map(|a| a.1).into(),
            open.accepted.map(|a| agent_name(a.1)).into(),
            open.first_human_at.into(),
            ended.into(),
            end.into(),
            rated.then_some(stars).into(),
            i64::from(local.day.0).into(),
            i64::from(local.hour).into(),
            changed.into(),
            talk.previous_ended_at.into(),
            first.then(|| i64::from(started.0)).into(),
            open.contact_messages.into(),
            open.agent_messages.into(),
            open.replies.into(),
            open.reply_ms.into(),
        ];
        self.handoffs.push(db, row).await?;
        Ok(())
    }

    /// A conversation as it stands at the end, with its contact.
    pub async fn talk(
        &mut self,
        db: &DatabaseTransaction,
        chance: &mut Chance,
        company: &Company,
        talk: &Talk,
    ) -> anyhow::Result<()> {
        let tag = chance
            .once_in(5)
            .then(|| chance.of(&TAGGED).copied())
            .flatten();
        let profile = ContactProfile {
            name: Some(texts::name(chance)),
            phone: Some(format!("+569{}", chance.between(10_000_000, 99_999_999))),
            tags: tag.map(str::to_owned).into_iter().collect(),
            ..ContactProfile::default()
        };
        let tenant: Value = company.tenant.0.into();
        let row: [Value; 6] = [
            tenant.clone(),
            talk.contact.into(),
            talk.channel.into(),
            talk.contact.simple().to_string().into(),
            serde_json::to_string(&profile)?.into(),
            talk.created_at.into(),
        ];
        self.contacts.push(db, row).await?;
        if let Some(tag) = tag {
            let row: [Value; 3] = [tenant.clone(), tag.into(), talk.contact.into()];
            self.tags.push(db, row).await?;
        }
        let noted = chance.once_in(40);
        if noted {
            let row: [Value; 8] = [
                tenant.clone(),
                talk.id.into(),
                chance.id(talk.last_at).into(),
                talk.seq.into(),
                company.owner.0.into(),
                "Camila Rojas".into(),
                "Llamar mañana antes de las diez".into(),
                talk.last_at.into(),
            ];
            self.notes.push(db, row).await?;
        }
        let state = talk.state();
        let row: [Value; 16] = [
            tenant,
            talk.id.into(),
            talk.channel.into(),
            talk.contact.into(),
            state.phase_name().into(),
            serde_json::to_string(&state)?.into(),
            serde_json::to_string(&talk.progress())?.into(),
            talk.seq.into(),
            talk.last_at.into(),
            talk.last_inbound.into(),
            talk.last_words.clone().into(),
            author(talk.last_author).into(),
            talk.failed.into(),
            i64::from(noted).into(),
            talk.created_at.into(),
            talk.created_at.into(),
        ];
        self.conversations.push(db, row).await?;
        Ok(())
    }

    /// Writes what is left.
    pub async fn flush(&mut self, db: &DatabaseTransaction) -> anyhow::Result<()> {
        for table in [
            &mut self.messages,
            &mut self.deliveries,
            &mut self.outbox,
            &mut self.handoffs,
            &mut self.conversations,
            &mut self.contacts,
            &mut self.tags,
            &mut self.notes,
        ] {
            table.flush(db).await?;
        }
        Ok(())
    }
}

/// The stored name.
fn author(author: Author) -> &'static str {
    match author {
        Author::Contact => "contact",
        Author::Bot => "bot",
        Author::Agent => "agent",
        Author::System => "system",
    }
}
