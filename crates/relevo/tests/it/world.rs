//! A company on running processes.

use crate::desk::Desk;
use crate::house::{Flavour, House};
use crate::phone::Phone;
use crate::ring::contact_of;
use crate::wait::soon;
use adapters::store::Direction;
use domain::channel::ChannelKind;
use domain::handoff::HandoffPolicy;
use relevo::Parts;
use relevo::demo::{Company, Line, company};
use sandbox::ledger::{Row, Service};
use sandbox::{Sandbox, SandboxPorts};
use serde_json::Value;

/// Everything that a test needs.
pub struct World {
    pub house: House,
    pub sandbox: Sandbox,
    pub parts: Parts,
    pub company: Company,
}

impl World {
    /// A company with a line of each of `kinds`.
    pub async fn start(flavour: Flavour, kinds: &[ChannelKind]) -> Self {
        Self::with(flavour, kinds, |_| {}).await
    }

    /// [`World::start`] with another policy.
    pub async fn with(
        flavour: Flavour,
        kinds: &[ChannelKind],
        policy: impl FnOnce(&mut HandoffPolicy),
    ) -> Self {
        Self::set(flavour, kinds, &[], policy).await
    }

    /// [`World::with`] with further settings of the processes.
    pub async fn set(
        flavour: Flavour,
        kinds: &[ChannelKind],
        settings: &[(&str, &str)],
        policy: impl FnOnce(&mut HandoffPolicy),
    ) -> Self {
        let sandbox = Sandbox::start(SandboxPorts::default()).await.unwrap();
        let house = House::build(flavour, &sandbox.urls).await;
        for (name, value) in settings {
            house.set(name, value);
        }
        Self::inside(house, sandbox, kinds, policy).await
    }

    /// [`World::with`] around a house that is built and not open yet.
    pub async fn inside(
        house: House,
        sandbox: Sandbox,
        kinds: &[ChannelKind],
        policy: impl FnOnce(&mut HandoffPolicy),
    ) -> Self {
        house.open().await;
        let parts = Parts::build(&house.settings()).await.unwrap();
        let (name, email) = ("Café Austral", "camila@austral.test");
        let company = company(&parts, &sandbox, &house.url(), name, email, kinds)
            .await
            .unwrap();
        let tenant = parts.store.tenant(company.tenant);
        let mut settings = tenant.tenant().await.unwrap().settings;
        policy(&mut settings.policy);
        tenant.save_settings(&settings).await.unwrap();
        // A platform's minutes between two tries of a webhook become seconds.
        sandbox.services.graph.hooks.set_retry_scale(0.05);
        sandbox.services.telegram.hooks.set_retry_scale(0.05);
        let world = Self {
            house,
            sandbox,
            parts,
            company,
        };
        world.listening().await;
        world
    }

    /// Until Relevo listens to Let's Talk.
    pub async fn listening(&self) {
        let letstalk = &self.sandbox.services.letstalk;
        let online = || {
            let account = letstalk.account(self.company.organization)?;
            account.agents.first()?.online.then_some(())
        };
        soon("subscription", online, || "nobody listens".to_owned()).await;
    }

    /// The line on a platform.
    pub fn line(&self, kind: ChannelKind) -> &Line {
        let line = self.company.lines.iter().find(|line| line.kind == kind);
        line.unwrap()
    }

    /// A contact's phone.
    pub fn phone(&self, kind: ChannelKind, contact: &str) -> Phone<'_> {
        Phone::new(self, self.line(kind), contact)
    }

    /// The usual contact of a platform, who talks with an agent.
    pub async fn talking(&self, kind: ChannelKind) -> (Phone<'_>, Desk<'_>) {
        let phone = self.phone(kind, contact_of(kind));
        phone.says("quiero hablar con una persona");
        let desk = self.desk(contact_of(kind)).await;
        desk.joins();
        desk.says("Hola, soy Lucía");
        phone.sees("soy Lucía").await;
        (phone, desk)
    }

    /// The conversation in Let's Talk that a contact has (its newest), once it is there.
    #[track_caller]
    pub fn desk(&self, contact: &str) -> impl Future<Output = Desk<'_>> {
        let letstalk = &self.sandbox.services.letstalk;
        let organization = self.company.organization;
        let contact = contact.to_owned();
        let find = move || {
            let mut ids = letstalk.conversation_ids(organization);
            ids.reverse();
            let of_contact = |id: &i64| {
                let conversation = letstalk.conversation(*id)?;
                let client = letstalk.person(conversation.client)?;
                client.email.contains(&contact).then_some(*id)
            };
            ids.iter().find_map(of_contact)
        };
        let found = soon("conversation at the desk", find, || "none".to_owned());
        async move { Desk::new(self, found.await) }
    }

    /// The types of the events which the bot took from Relevo, as signed, in order.
    pub fn bot_events(&self) -> Vec<Value> {
        self.sandbox
            .services
            .bot
            .events(0)
            .into_iter()
            .filter(|event| event.kind == "relevo")
            .map(|event| event.body)
            .collect()
    }

    /// Until the bot has heard of an event, as often as this.
    #[track_caller]
    pub fn bot_hears(&self, name: &str, times: usize) -> impl Future<Output = Vec<Value>> {
        let name = name.to_owned();
        let what = format!("event {name} at the bot");
        let look = move || {
            let mut all = self.bot_events();
            all.retain(|event| event["type"] == *name);
            (all.len() >= times).then_some(all)
        };
        soon(what, look, || format!("{:#?}", self.bot_events()))
    }

    /// Waits until nothing is on its way any more; then the books must balance. Over connections
    /// of its own: the world's may have ended with a database that was lost.
    pub async fn balances(&self) {
        let parts = Parts::build(&self.house.settings()).await.unwrap();
        let tenant = parts.store.tenant(self.company.tenant);
        let start = domain::time::Timestamp(0);
        testkit::until(crate::wait::PATIENCE, || async {
            let books = tenant.ledger(start).await.unwrap();
            let waiting = |b: &adapters::store::Balance| {
                b.waiting == 0 || b.direction == Direction::BotToContact
            };
            books.iter().all(waiting)
        })
        .await;
        for balance in tenant.ledger(start).await.unwrap() {
            assert_eq!(balance.unaccounted(), 0, "{balance:#?}");
        }
    }

    /// Until Relevo has taken so many of the platforms' webhooks.
    pub async fn everything_taken(&self, count: usize) {
        let ledger = &self.sandbox.core.ledger;
        let taken = || {
            let rows = ledger.rows(Service::Webhook, 0, usize::MAX);
            let fine = |row: &&Row| {
                let raw: Value = serde_json::from_str(row.raw.get()).unwrap_or_default();
                raw["status"] == 200
            };
            rows.iter().filter(fine).count()
        };
        let look = || (taken() >= count).then_some(());
        soon("taken webhooks", look, || taken().to_string()).await;
    }

    /// Changes rows of the database behind Relevo's back, such as the time at which a timer is
    /// due; answers how many.
    pub async fn sql(&self, statement: &str) -> u64 {
        use sea_orm::ConnectionTrait as _;
        let database = sea_orm::Database::connect(self.house.database_url.as_str())
            .await
            .unwrap();
        let done = database.execute_unprepared(statement).await.unwrap();
        database.close().await.unwrap();
        done.rows_affected()
    }

    /// A client for the test's own requests.
    pub fn http(&self) -> &reqwest::Client {
        &self.sandbox.core.http
    }
}
