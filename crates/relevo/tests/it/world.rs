//! A company on running processes.

use crate::desk::Desk;
use crate::house::{Flavour, House};
use crate::phone::Phone;
use crate::wait::soon;
use domain::channel::ChannelKind;
use domain::handoff::HandoffPolicy;
use relevo::Parts;
use relevo::demo::{Company, Line, company};
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
        let sandbox = Sandbox::start(SandboxPorts::default()).await.unwrap();
        let mut house = House::build(flavour, &sandbox.urls).await;
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

    /// A client for the test's own requests.
    pub fn http(&self) -> &reqwest::Client {
        &self.sandbox.core.http
    }
}
