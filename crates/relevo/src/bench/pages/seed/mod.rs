//! Fills a database as months of traffic would have: one company with four fifths of the messages,
//! nineteen small ones beside it, all in the order of time. The same in every run but for the
//! instants, which end now.

mod around;
mod bulk;
mod company;
mod tables;
mod talk;
pub mod texts;

use crate::bench::chance::Chance;
use adapters::store::{DaysDone, Store};
use anyhow::Context as _;
use around::Counted;
use company::{Company, ZONE, company};
use domain::handoff::HandoffReason;
use domain::message::Author;
use domain::metrics::{Count, Local};
use domain::time::Timestamp;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, TransactionTrait};
use tables::{Said, Tables};
use talk::{Open, Talk};

/// The owner of the large company logs in with this.
pub const EMAIL: &str = "bench@relevo.test";
/// And this.
pub const PASSWORD: &str = "cuanto-cuesta-una-pagina";

/// So many days of traffic.
const DAYS: i64 = 180;
const DAY: i64 = 86_400_000;
/// Companies beside the large one.
const SMALL: usize = 19;
/// A conversation has so many messages on average.
const EACH: usize = 20;
/// Rows per transaction.
const AT_ONCE: usize = 50_000;

/// A company with its conversations.
struct House {
    company: Company,
    talks: Vec<Option<Talk>>,
    counted: Counted,
}

/// Fills the empty database at `url` with `messages` messages.
///
/// # Errors
/// A row was refused.
pub async fn seed(store: &Store, url: &str, messages: usize, hash: &str) -> anyhow::Result<()> {
    let db = connect(url).await?;
    let mut chance = Chance::new(2_026);
    let now = store.clock().now().0;
    let span = (now - DAYS * DAY, now - 60_000);
    let mut houses = Vec::new();
    for n in 0..=SMALL {
        let (name, email) = match n {
            0 => ("Café Austral".to_owned(), EMAIL.to_owned()),
            n => (format!("Comercio {n}"), format!("bench{n}@relevo.test")),
        };
        let new = (name.as_str(), email.as_str(), hash);
        let company = company(store, &db, &mut chance, new, span.0).await?;
        let share = if n == 0 { 4 * SMALL } else { 1 };
        let talks = messages * share / (5 * SMALL) / EACH;
        houses.push(House {
            company,
            talks: std::iter::repeat_with(|| None).take(talks.max(4)).collect(),
            counted: Counted::new(),
        });
    }
    let mut traffic = Traffic {
        chance,
        tables: Tables::new(),
        span,
        messages,
        desk: 0,
    };
    let mut from = 0;
    while from < messages {
        let to = (from + AT_ONCE).min(messages);
        let tx = db.begin().await?;
        for n in from..to {
            traffic.message(&tx, &mut houses, n).await?;
        }
        tx.commit().await?;
        from = to;
        tracing::info!(messages = from, "seeding");
    }
    traffic.finish(&db, &mut houses).await?;
    // The large company's days as the worker would have added them up.
    store.fold_days(&mut DaysDone::default()).await?;
    if store_is_postgres(url) {
        db.execute_unprepared("vacuum analyze").await?;
    } else {
        db.execute_unprepared("pragma wal_checkpoint(truncate)")
            .await?;
    }
    db.close().await?;
    Ok(())
}

fn store_is_postgres(url: &str) -> bool {
    url.starts_with("postgres")
}

/// A connection of the seed's own, which need not survive a power cut.
async fn connect(url: &str) -> anyhow::Result<DatabaseConnection> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    let db = Database::connect(options).await.context("the database")?;
    if !store_is_postgres(url) {
        for pragma in ["synchronous = off", "cache_size = -400000"] {
            db.execute_unprepared(&format!("pragma {pragma}")).await?;
        }
    }
    Ok(db)
}

/// The traffic of all companies.
struct Traffic {
    chance: Chance,
    tables: Tables,
    span: (i64, i64),
    messages: usize,
    desk: i64,
}

impl Traffic {
    /// The `n`th message of all.
    async fn message(
        &mut self,
        db: &sea_orm::DatabaseTransaction,
        houses: &mut [House],
        n: usize,
    ) -> anyhow::Result<()> {
        let whole = i64::try_from(self.messages).unwrap_or(1);
        let step = (self.span.1 - self.span.0) / whole.max(1);
        let at = self.span.0 + step * i64::try_from(n).unwrap_or(0);
        let chance = &mut self.chance;
        let large = chance.below(5) < 4;
        let which = if large { 0 } else { 1 + chance.below(SMALL) };
        let house = &mut houses[which];
        let place = place(chance, house.talks.len(), n, self.messages);
        let channels = &house.company.channels;
        let channel = chance.of(channels).copied().unwrap_or_default();
        let today = i64::from(Local::of(ZONE, Timestamp(at)).day.0);
        let counted = &mut house.counted;
        let talk = house.talks[place].get_or_insert_with(|| {
            let key = (Count::Started.name(), today, channel, String::new());
            *counted.entry(key).or_default() += 1;
            Talk::new(chance, channel, at)
        });
        if talk.open.as_ref().is_some_and(|open| open.left == 0)
            && let Some(open) = talk.open.take()
        {
            let ended = talk.last_at + 1;
            let about = (&*talk, &open, Some(ended));
            self.tables
                .handoff(db, chance, &house.company, about)
                .await?;
            talk.previous_ended_at = Some(ended);
        }
        let author = talk.next_author(chance);
        let mut text = texts::said(chance, author == Author::Contact);
        if which == 0 && n % (self.messages / 3).max(1) == 1 {
            text = format!("{text} con {}", texts::RARE);
        }
        let id = chance.id(at);
        talk.say(id, author, &text, at);
        talk.count(chance, author, at);
        let said = Said {
            id,
            author,
            text,
            at,
            fresh: n + self.messages / 50 > self.messages,
        };
        self.tables
            .message(db, chance, &house.company, talk, said)
            .await?;
        if author == Author::Contact && talk.open.is_none() && chance.once_in(12) {
            self.desk += 1;
            talk.handoffs += 1;
            talk.open = Some(asked(chance, &house.company, talk, self.desk));
            if talk.handoffs == 1 {
                let rule = talk.open.as_ref().and_then(|o| o.rule);
                let rule = rule.map(|r| r.to_string()).unwrap_or_default();
                let day = i64::from(Local::of(ZONE, Timestamp(talk.created_at)).day.0);
                let key = (Count::HandedOff.name(), day, talk.channel, rule);
                *house.counted.entry(key).or_default() += 1;
            }
        }
        Ok(())
    }

    /// Conversations as they stand, and what stands beside them.
    async fn finish(
        &mut self,
        db: &DatabaseConnection,
        houses: &mut [House],
    ) -> anyhow::Result<()> {
        let tx = db.begin().await?;
        let chance = &mut self.chance;
        let days = self.span.0 / DAY..self.span.1 / DAY + 1;
        for (n, house) in houses.iter_mut().enumerate() {
            let company = &house.company;
            for talk in house.talks.iter_mut().flatten() {
                // Nobody leaves a contact waiting for days.
                let stale = talk.last_at < self.span.1 - DAY;
                if let Some(open) = talk.open.take() {
                    let ended = stale.then_some(talk.last_at + 1);
                    let about = (&*talk, &open, ended);
                    self.tables.handoff(&tx, chance, company, about).await?;
                    match ended {
                        Some(_) => talk.previous_ended_at = ended,
                        None => talk.open = Some(open),
                    }
                }
                self.tables.talk(&tx, chance, company, talk).await?;
            }
            let counted = &house.counted;
            // How fast messages travelled is looked at in the large company only.
            let days = if n == 0 { days.clone() } else { 0..0 };
            around::counts(&tx, chance, company, counted, days).await?;
            let lines = i64::try_from(self.messages / 200).unwrap_or(0);
            around::log(&tx, chance, company, self.span, lines).await?;
        }
        self.tables.flush(&tx).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Which of `talks` conversations the `n`th message belongs to: mostly one of those that are lively
/// then, sometimes somebody who comes back, and one in a hundred times the one that never ends.
fn place(chance: &mut Chance, talks: usize, n: usize, messages: usize) -> usize {
    let newest = talks * n / messages.max(1);
    match chance.below(100) {
        0 => 0,
        1..=6 => chance.below(newest + 1),
        _ => newest.saturating_sub(chance.below((talks / 20).clamp(2, 300))),
    }
}

fn asked(chance: &mut Chance, company: &Company, talk: &Talk, desk: i64) -> Open {
    let reasons = [
        HandoffReason::Keyword,
        HandoffReason::UserRequest,
        HandoffReason::FallbackCount,
        HandoffReason::BotApi,
    ];
    let reason = chance
        .of(&reasons)
        .copied()
        .unwrap_or(HandoffReason::Keyword);
    let by_rule = reason != HandoffReason::BotApi;
    Open {
        id: chance.id(talk.last_at),
        reason,
        rule: chance.of(&company.rules).copied().filter(|_| by_rule),
        requested_at: talk.last_at,
        requested_seq: talk.seq,
        desk,
        accepted: None,
        first_human_at: None,
        contact_messages: 0,
        agent_messages: 0,
        replies: 0,
        reply_ms: 0,
        left: 1 + chance.below(14),
    }
}
