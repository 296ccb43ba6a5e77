//! A house with one of the two databases under it, and short words for what happens in it.

use adapters::clock::UuidV7;
use adapters::ingest::{
    ChannelWebhook, Command, CommandOutcome, DeskBatch, DeskOutcome, Ingest, IngestError, Outcome,
    Stored, Submission, TryOutcome, TryResult, WebhookOutcome,
};
use adapters::queue::MemoryQueue;
use adapters::store::{ClaimError, DatabaseSettings, NewChannel, NewTenant, PasswordHash, Store};
use domain::channel::{ChannelKind, ChannelSettings};
use domain::desk::DeskSettings;
use domain::ids::{ConversationId, HandoffId};
use domain::outbound::{Claim, Lane, SendError, Task};
use domain::ports::{Clock, Cursor, RealtimeEvent};
use domain::secret::Sealed;
use domain::tenant::Language;
use domain::time::Timestamp;
use migrations::{Migrator, MigratorTrait};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, Statement, Value};
use std::sync::Arc;
use std::time::Duration;
use testkit::{FakeClock, TestDatabase};
use uuid::Uuid;

/// Our own agent at the desk.
pub const OWN_AGENT: i64 = 5207;

/// How long a claim is held in these tests.
pub const HOLD: Duration = Duration::from_secs(60);

/// Runs each test once on SQLite and once on PostgreSQL; `$house` is the fresh house.
macro_rules! on_both_databases {
    ($($(#[$meta:meta])* async fn $name:ident($house:ident) $body:block)*) => {$(
        mod $name {
            use super::*;
            async fn story($house: &House) $body
            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() { story(&House::on_sqlite().await).await }
            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() { story(&House::on_postgres().await).await }
        }
    )*};
}
pub use crate::support_company::Company;
pub use crate::support_desk::Desk;
pub(crate) use on_both_databases;

/// The store, its writers, and a look past both into the tables.
pub struct House {
    pub store: Store,
    pub ingest: Ingest,
    pub clock: Arc<FakeClock>,
    pub queue: Arc<MemoryQueue>,
    pub db: DatabaseConnection,
    pub url: String,
    _ground: Ground,
}

enum Ground {
    File(#[allow(dead_code)] tempfile::TempDir),
    Postgres(#[allow(dead_code)] TestDatabase),
}

impl House {
    pub async fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("db").display());
        Self::at(url, Ground::File(folder), true).await
    }

    pub async fn on_postgres() -> Self {
        let fill = |url: String| async move {
            let connection = Database::connect(url).await?;
            Migrator::up(&connection, None).await?;
            Ok(connection.close().await?)
        };
        let database = TestDatabase::from_template("adapters", fill).await.unwrap();
        Self::at(database.url(), Ground::Postgres(database), false).await
    }

    async fn at(url: String, ground: Ground, fresh: bool) -> Self {
        let clock = Arc::new(FakeClock::default());
        let settings = DatabaseSettings::at(&url).judged_by_our_clock();
        let store = Store::connect(&settings, clock.clone(), Arc::new(UuidV7))
            .await
            .unwrap();
        if fresh {
            store.migrate().await.unwrap();
        }
        let queue = Arc::new(MemoryQueue::new(clock.clone()));
        let mut options = ConnectOptions::new(&url);
        options.max_connections(1).sqlx_logging(false);
        Self {
            ingest: Ingest::start(store.clone(), queue.clone()),
            store,
            clock,
            queue,
            db: Database::connect(options).await.unwrap(),
            url,
            _ground: ground,
        }
    }

    /// Another process on the same database.
    pub async fn neighbour(&self) -> Ingest {
        let settings = DatabaseSettings::at(&self.url).judged_by_our_clock();
        let store = Store::connect(&settings, self.clock.clone(), Arc::new(UuidV7))
            .await
            .unwrap();
        Ingest::start(store, self.queue.clone())
    }

    pub fn is_postgres(&self) -> bool {
        self.url.starts_with("postgres")
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A company with a WhatsApp line, a bot and a desk.
    pub async fn company(&self, name: &str) -> Company {
        self.company_on(name, ChannelKind::WhatsApp).await
    }

    pub async fn company_on(&self, name: &str, kind: ChannelKind) -> Company {
        let member = self.store.sign_up(new_tenant(name)).await.unwrap();
        let tenant = self.store.tenant(member.tenant);
        let line = new_channel(kind, &format!("line of {name}"));
        let channel = tenant.channels().insert(line).await.unwrap();
        let desk = DeskSettings {
            base_url: "https://desk.test".into(),
            organization_id: 1,
            agent_user_id: OWN_AGENT,
            inquiry_id: None,
            group_id: None,
            extra_channels: Vec::new(),
            extra_groups: Vec::new(),
        };
        tenant.desk().save(&desk, &Sealed(vec![1])).await.unwrap();
        let company = Company {
            tenant,
            channel: Arc::new(channel),
        };
        company
            .tune(|settings| settings.events_url = Some("https://bot.test/events".into()))
            .await;
        company
    }

    pub async fn submit(&self, submission: Submission) -> Result<Outcome, IngestError> {
        self.ingest.submit(submission).await
    }

    pub async fn webhook(&self, hook: ChannelWebhook) -> WebhookOutcome {
        webhook_outcome(self.submit(Submission::Webhook(hook)).await)
    }

    /// The contact `key` says `words`; `mid` is the platform's id.
    pub async fn says(&self, company: &Company, key: &str, mid: &str, words: &str) {
        let outcome = self
            .webhook(company.hook(vec![company.text(key, mid, words)]))
            .await;
        assert_eq!(outcome.stored, 1, "{mid}");
    }

    pub async fn command(&self, command: Command) -> Result<CommandOutcome, IngestError> {
        match self.submit(Submission::Command(command)).await? {
            Outcome::Command(outcome) => Ok(outcome),
            other => panic!("not a command's: {other:?}"),
        }
    }

    pub async fn hand_off(&self, company: &Company, id: ConversationId) -> HandoffId {
        let outcome = self.command(company.wants_human(id)).await.unwrap();
        match outcome {
            CommandOutcome::Done {
                handoff: Some(handoff),
                ..
            } => handoff,
            other => panic!("no handoff: {other:?}"),
        }
    }

    pub async fn desk(&self, company: &Company, events: Vec<RealtimeEvent>) -> DeskOutcome {
        let batch = DeskBatch {
            tenant: company.id(),
            events,
            cursor: Some(Cursor {
                timetoken: 17_000_000_000_000_000,
                region: Some(1),
            }),
            fence: 1,
        };
        match self.submit(Submission::Desk(batch)).await.unwrap() {
            Outcome::Desk(outcome) => outcome,
            other => panic!("not a desk's: {other:?}"),
        }
    }

    pub async fn tried(&self, claim: Claim, result: TryResult) -> Result<Outcome, IngestError> {
        let outcome = TryOutcome { claim, result };
        self.submit(Submission::Tried(Arc::new(outcome))).await
    }

    /// Nobody knows whether the try arrived; again at this instant.
    pub async fn doubts(&self, claim: Claim, at: Timestamp) {
        let doubt = TryResult::Later {
            at,
            counts: true,
            error: SendError::ambiguous("reset"),
            progress: serde_json::Value::Null,
            parts: Vec::new(),
            note: None,
        };
        self.tried(claim, doubt).await.unwrap();
    }

    pub async fn done(&self, claim: Claim, stored: Stored) {
        self.tried(claim, TryResult::Done(stored)).await.unwrap();
    }

    pub async fn dead(&self, claim: Claim, error: SendError) {
        let parts = Vec::new();
        let result = TryResult::Dead { error, parts };
        self.tried(claim, result).await.unwrap();
    }

    /// Claims the head of a lane, which must be free.
    pub async fn head(&self, company: &Company, id: ConversationId, lane: Lane) -> Claim {
        company.tenant.claim(id, lane, HOLD).await.unwrap()
    }

    /// The tasks of a lane that wait, oldest first.
    pub async fn waiting(&self, company: &Company, id: ConversationId, lane: Lane) -> Vec<Task> {
        let text = "select task from outbox where tenant_id = $1 and conversation_id = $2
            and lane = $3 and state = 'pending' order by id";
        let values = vec![company.id().0.into(), id.0.into(), lane.number().into()];
        let rows = self.texts(text, values).await;
        rows.iter()
            .map(|row| serde_json::from_str(row).unwrap())
            .collect()
    }

    /// Changes the tables past the store.
    pub async fn run(&self, text: &str, values: Vec<Value>) {
        let backend = self.db.get_database_backend();
        let statement = Statement::from_sql_and_values(backend, text, values);
        self.db.execute_raw(statement).await.unwrap();
    }

    /// A number from the tables.
    pub async fn number(&self, text: &str, values: Vec<Value>) -> i64 {
        let backend = self.db.get_database_backend();
        let statement = Statement::from_sql_and_values(backend, text, values);
        let row = self.db.query_one_raw(statement).await.unwrap().unwrap();
        row.try_get_by_index(0).unwrap()
    }

    /// A column of texts from the tables.
    pub async fn texts(&self, text: &str, values: Vec<Value>) -> Vec<String> {
        let backend = self.db.get_database_backend();
        let statement = Statement::from_sql_and_values(backend, text, values);
        let rows = self.db.query_all_raw(statement).await.unwrap();
        rows.iter()
            .map(|row| {
                let value: Option<String> = row.try_get_by_index(0).unwrap();
                value.unwrap_or_default()
            })
            .collect()
    }

    /// The platform's ids of a message's parts; empty where it told none yet.
    pub async fn known_as(&self, message: domain::ids::MessageId) -> Vec<String> {
        let text = "select external_id from deliveries where message_id = $1 order by part";
        self.texts(text, vec![message.0.into()]).await
    }

    /// What must hold whatever happened.
    pub async fn check(&self) {
        let none = [
            (
                "numbers have no gaps",
                "select count(*) from conversations v where v.last_seq <>
                    (select count(*) from messages m where m.tenant_id = v.tenant_id
                        and m.conversation_id = v.id)
                 or v.last_seq <> coalesce((select max(m.seq) from messages m
                    where m.tenant_id = v.tenant_id and m.conversation_id = v.id), 0)",
            ),
            (
                "one open handoff at most",
                "select count(*) from (select conversation_id from handoffs where ended_at is null
                    group by tenant_id, conversation_id having count(*) > 1) as twice",
            ),
            (
                "human phases and only they have an open handoff",
                "select count(*) from conversations v where (v.phase <> 'bot') <>
                    exists (select 1 from handoffs h where h.tenant_id = v.tenant_id
                        and h.conversation_id = v.id and h.ended_at is null)",
            ),
            (
                "waiting rows have their message",
                "select count(*) from outbox o where o.message_id is not null
                    and not exists (select 1 from messages m where m.tenant_id = o.tenant_id
                        and m.id = o.message_id and m.conversation_id = o.conversation_id)",
            ),
            (
                "what goes to a contact has a delivery",
                "select count(*) from outbox o where o.lane = 0
                    and not exists (select 1 from deliveries d where d.tenant_id = o.tenant_id
                        and d.message_id = o.message_id and d.part = 0)",
            ),
            (
                "nothing goes to a contact twice",
                "select count(*) from (select message_id from outbox where lane = 0
                    group by tenant_id, message_id having count(*) > 1) as twice",
            ),
            (
                "timers only run for humans",
                "select count(*) from timers t join conversations v on v.tenant_id = t.tenant_id
                    and v.id = t.conversation_id where v.phase = 'bot'",
            ),
        ];
        for (what, text) in none {
            assert_eq!(self.number(text, Vec::new()).await, 0, "{what}");
        }
        for tenant in self.store.tenant_ids().await.unwrap() {
            let books = self.store.tenant(tenant).ledger(Timestamp(0)).await;
            for balance in books.unwrap() {
                assert_eq!(balance.unaccounted(), 0, "{balance:#?}");
            }
        }
        let phases = self
            .texts("select phase from conversations order by id", Vec::new())
            .await;
        let states = self
            .texts("select state from conversations order by id", Vec::new())
            .await;
        for (phase, state) in phases.iter().zip(&states) {
            let state: domain::handoff::HandoffState = serde_json::from_str(state).unwrap();
            assert_eq!(phase, state.phase_name());
        }
    }
}

pub fn webhook_outcome(outcome: Result<Outcome, IngestError>) -> WebhookOutcome {
    match outcome.unwrap() {
        Outcome::Webhook(outcome) => outcome,
        other => panic!("not a webhook's: {other:?}"),
    }
}

pub fn new_tenant(name: &str) -> NewTenant {
    NewTenant {
        company: name.to_owned(),
        name: "Ana".to_owned(),
        email: format!("{}@{name}.test", Uuid::new_v4().simple()).replace(' ', "-"),
        password_hash: PasswordHash("hash".to_owned()),
        language: Language::Es,
        time_zone: "America/Lima".to_owned(),
    }
}

pub fn new_channel(kind: ChannelKind, account: &str) -> NewChannel {
    NewChannel {
        id: Uuid::now_v7().into(),
        kind,
        name: "Línea".to_owned(),
        external_id: account.to_owned(),
        public_key: Uuid::new_v4().simple().to_string(),
        settings: ChannelSettings {
            bot_url: Some("https://bot.test/hook".to_owned()),
            ..ChannelSettings::default()
        },
        credentials: Sealed(vec![7]),
    }
}

/// Why a claim was not given.
pub fn refused(claim: Result<Claim, ClaimError>) -> ClaimError {
    claim.expect_err("nothing to claim was expected")
}
