//! Companies with a line and a desk on the far side.

use super::super::far::{OWN_AGENT, agent_key, subscribe_key};
use crate::parts::Parts;
use adapters::accounts::{channel_context, desk_context};
use adapters::store::{NewChannel, NewTenant, PasswordHash};
use anyhow::Context as _;
use domain::channel::{ChannelCredentials, ChannelKind, ChannelSettings};
use domain::desk::{DeskCredentials, DeskSettings};
use domain::handoff::HandoffOptions;
use domain::ids::{ChannelId, RuleId};
use domain::routing::{Action, Condition, Rule};
use domain::secret::Secret;
use domain::tenant::Language;

/// The word with which a contact asks for a person.
pub(in super::super) const ASKS: &str = "persona";

/// A company's WhatsApp line, as much of it as a platform knows.
#[derive(Clone, Debug)]
pub(in super::super) struct Line {
    /// The unguessable part of its address.
    pub public_key: String,
    /// The number's id at the platform.
    pub number: String,
    /// With what its webhooks are signed.
    pub app_secret: String,
}

/// Signs companies up.
pub(super) async fn companies(parts: &Parts, far: &str, count: usize) -> anyhow::Result<Vec<Line>> {
    let mut lines = Vec::with_capacity(count);
    for n in 1..=count {
        lines.push(
            company(parts, far, n)
                .await
                .with_context(|| format!("company {n}"))?,
        );
        if n % 1_000 == 0 {
            tracing::info!(companies = n, "signed up");
        }
    }
    Ok(lines)
}

async fn company(parts: &Parts, far: &str, n: usize) -> anyhow::Result<Line> {
    let new = NewTenant {
        company: format!("Comercio {n}"),
        name: "Camila Rojas".to_owned(),
        email: format!("bench{n}@relevo.test"),
        // Nobody logs in.
        password_hash: PasswordHash("-".to_owned()),
        language: Language::Es,
        time_zone: "America/Santiago".to_owned(),
    };
    let tenant = parts.store.sign_up(new).await.context("sign-up")?.tenant;
    parts.vault.prepare(tenant).await.context("data key")?;
    let house = parts.store.tenant(tenant);
    desk(parts, tenant, far, i64::try_from(n)?).await?;
    let rule = Rule {
        id: RuleId(parts.ids.next()),
        name: "Pide una persona".to_owned(),
        enabled: true,
        channels: Vec::new(),
        condition: Condition::Keywords {
            words: vec![ASKS.to_owned()],
        },
        action: Action::HandOff {
            options: HandoffOptions::default(),
            close: None,
        },
    };
    house.rules().save(&rule).await.context("rule")?;
    let secret = |what: &str| format!("{what}-{n}-{}", parts.ids.next().simple());
    let line = Line {
        public_key: format!("{}{}", parts.ids.next().simple(), parts.ids.next().simple()),
        number: format!("{}", 100_000 + n),
        app_secret: secret("app"),
    };
    let id = ChannelId(parts.ids.next());
    let credentials = ChannelCredentials::WhatsApp {
        access_token: Secret::new(secret("token")),
        phone_number_id: line.number.clone(),
        waba_id: format!("{}", 200_000 + n),
        app_secrets: vec![Secret::new(&line.app_secret)],
        verify_token: Secret::new(secret("verify")),
    };
    let plain = serde_json::to_vec(&credentials.to_sealable())?;
    let sealed = parts
        .vault
        .seal(channel_context(tenant, id), &plain)
        .await?;
    let settings = ChannelSettings {
        bot_url: Some(format!("{far}/bot")),
        ..ChannelSettings::default()
    };
    let new = NewChannel {
        id,
        kind: ChannelKind::WhatsApp,
        name: "Ventas".to_owned(),
        external_id: line.number.clone(),
        public_key: line.public_key.clone(),
        settings,
        credentials: sealed,
    };
    house.channels().insert(new).await.context("line")?;
    Ok(line)
}

async fn desk(
    parts: &Parts,
    tenant: domain::ids::TenantId,
    far: &str,
    organization: i64,
) -> anyhow::Result<()> {
    let keys = DeskCredentials {
        consumer_key: Secret::new("consumer"),
        consumer_token: Secret::new("consumer-token"),
        agent_key: Secret::new(agent_key(organization)),
        subscribe_key: Secret::new(subscribe_key(organization)),
        publish_key: Secret::new("pub"),
    };
    let settings = DeskSettings {
        base_url: format!("{far}/desk"),
        organization_id: organization,
        agent_user_id: OWN_AGENT,
        inquiry_id: None,
        group_id: None,
        extra_channels: Vec::new(),
        extra_groups: Vec::new(),
    };
    let plain = serde_json::to_vec(&keys.to_sealable())?;
    let sealed = parts.vault.seal(desk_context(tenant), &plain).await?;
    let house = parts.store.tenant(tenant);
    house
        .desk()
        .save(&settings, &sealed)
        .await
        .context("desk")?;
    Ok(())
}
