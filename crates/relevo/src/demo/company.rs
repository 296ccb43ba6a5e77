//! A company from nothing.

use super::line::{Line, connect};
use crate::Parts;
use crate::secrets::SealedEventSecrets;
use adapters::accounts::desk_context;
use adapters::password::Passwords;
use adapters::store::{NewTenant, PasswordHash};
use anyhow::Context as _;
use domain::channel::ChannelKind;
use domain::desk::{DeskCredentials, DeskSettings};
use domain::ids::{RuleId, TenantId};
use domain::routing::default_rules;
use domain::secret::Secret;
use domain::tenant::Language;
use sandbox::Sandbox;
use sandbox::letstalk::AccountRequest;
use web::state::EventSecrets as _;

/// A company on the simulators.
#[derive(Clone, Debug)]
pub struct Company {
    /// The tenant.
    pub tenant: TenantId,
    /// Its owner's address.
    pub email: String,
    /// Its owner's password.
    pub password: String,
    /// Its organization in Let's Talk.
    pub organization: i64,
    /// An agent there who is a person.
    pub agent: i64,
    /// Its lines.
    pub lines: Vec<Line>,
}

/// Signs a company up and connects it to the simulators: a desk, a line of each of `kinds` with
/// the example bot behind it, the starting rule, and the bot's events. The web must be listening
/// at `public_url`, since the platforms call it back.
///
/// # Errors
/// Whatever a step refused, in words.
pub async fn company(
    parts: &Parts,
    sandbox: &Sandbox,
    public_url: &str,
    name: &str,
    email: &str,
    kinds: &[ChannelKind],
) -> anyhow::Result<Company> {
    let password = "relevo-demo".to_owned();
    let hash = Passwords::new()
        .await?
        .hash(&Secret::new(&password))
        .await?;
    let member = parts
        .store
        .sign_up(NewTenant {
            company: name.to_owned(),
            name: "Camila Rojas".to_owned(),
            email: email.to_owned(),
            password_hash: PasswordHash(hash),
            language: Language::Es,
            time_zone: "America/Santiago".to_owned(),
        })
        .await
        .context("sign-up")?;
    let tenant = parts.store.tenant(member.tenant);
    parts
        .vault
        .prepare(member.tenant)
        .await
        .context("data key")?;

    let request = AccountRequest {
        name: Some(name.to_owned()),
        ..AccountRequest::default()
    };
    let account = sandbox
        .services
        .letstalk
        .create_account(request)
        .map_err(|e| anyhow::anyhow!("Let's Talk: {e:?}"))?;
    let keys = DeskCredentials {
        consumer_key: Secret::new(&account.consumer_key),
        consumer_token: Secret::new(&account.consumer_token),
        agent_key: Secret::new(account.auth_key.clone().context("the agent has no key")?),
        subscribe_key: Secret::new(&account.subscribe_key),
        publish_key: Secret::new(&account.publish_key),
    };
    let settings = DeskSettings {
        base_url: account.api_base.clone(),
        organization_id: account.organization_id,
        agent_user_id: account.user_id,
        inquiry_id: None,
        group_id: None,
        extra_channels: Vec::new(),
        extra_groups: Vec::new(),
    };
    let plain = serde_json::to_vec(&keys.to_sealable())?;
    let sealed = parts
        .vault
        .seal(desk_context(member.tenant), &plain)
        .await?;
    tenant
        .desk()
        .save(&settings, &sealed)
        .await
        .context("desk")?;

    for rule in default_rules(Language::Es, RuleId(parts.ids.next())) {
        tenant.rules().save(&rule).await.context("rules")?;
    }
    let mut wanted = tenant.tenant().await?.settings;
    wanted.events_url = Some(sandbox.services.bot.events_url());
    wanted.fallback_phrases = vec!["no te entendí".to_owned()];
    tenant.save_settings(&wanted).await.context("settings")?;
    let secrets = SealedEventSecrets {
        store: parts.store.clone(),
        vault: parts.vault.clone(),
    };
    let events_secret = secrets
        .of(member.tenant)
        .await
        .map_err(anyhow::Error::msg)?;

    let mut lines = Vec::with_capacity(kinds.len());
    for kind in kinds {
        let line = connect(
            parts,
            sandbox,
            public_url,
            member.tenant,
            *kind,
            name,
            &events_secret,
        );
        lines.push(
            line.await
                .with_context(|| format!("line on {}", kind.title()))?,
        );
    }
    let agent = account.agents.get(1).map_or(account.user_id, |a| a.user_id);
    Ok(Company {
        tenant: member.tenant,
        email: email.to_owned(),
        password,
        organization: account.organization_id,
        agent,
        lines,
    })
}
