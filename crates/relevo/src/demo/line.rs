//! A line of a company: an account at the simulated platform, connected as a member would connect
//! it in the browser, with the example bot behind it.

use crate::Parts;
use adapters::accounts::channel_context;
use adapters::store::NewChannel;
use anyhow::Context as _;
use domain::channel::{ChannelCredentials, ChannelKind, ChannelSettings, InstagramLogin};
use domain::ids::{ChannelId, TenantId};
use domain::ports::WebhookSetup;
use domain::secret::Secret;
use sandbox::Sandbox;
use sandbox::bot::BotConfig;
use sandbox::graph::app::Object;
use sandbox::graph::line::NewLine;
use sandbox::phone::Kind;
use sandbox::phone::NewContact;
use sandbox::telegram::bot::NewBot;
use serde_json::Value;

/// A connected line.
#[derive(Clone, Debug)]
pub struct Line {
    /// The platform.
    pub kind: ChannelKind,
    /// Its id with us.
    pub channel: ChannelId,
    /// The platform's id.
    pub account: String,
    /// The unguessable part of its addresses.
    pub public_key: String,
}

impl Line {
    /// The platform, in the simulators' own words.
    #[must_use]
    pub fn sandbox_kind(&self) -> Kind {
        kind_of(self.kind)
    }
}

fn kind_of(kind: ChannelKind) -> Kind {
    match kind {
        ChannelKind::WhatsApp => Kind::Whatsapp,
        ChannelKind::Messenger => Kind::Messenger,
        ChannelKind::Instagram => Kind::Instagram,
        ChannelKind::Telegram | ChannelKind::Api | ChannelKind::Test => Kind::Telegram,
    }
}

/// Connects a line.
///
/// # Errors
/// Whatever a step refused.
pub async fn connect(
    parts: &Parts,
    sandbox: &Sandbox,
    public_url: &str,
    tenant: TenantId,
    kind: ChannelKind,
    name: &str,
    events_secret: &Secret,
) -> anyhow::Result<Line> {
    let account = match kind {
        ChannelKind::Telegram => sandbox.services.telegram.create(NewBot {
            name: Some(name.to_owned()),
            ..NewBot::default()
        }),
        ChannelKind::Api | ChannelKind::Test => anyhow::bail!("this line has no platform"),
        _ => {
            let new = NewLine {
                name: Some(name.to_owned()),
                ..NewLine::default()
            };
            sandbox.services.graph.create(kind_of(kind), new)
        }
    };
    let credentials = credentials(kind, &account)?;
    let id = ChannelId(parts.ids.next());
    let public_key = format!(
        "{}{}",
        parts.ids.next().simple(),
        uuid::Uuid::new_v4().simple()
    );
    let external_id = text(&account, "id")?;
    let bot = &sandbox.services.bot;
    let plain = serde_json::to_vec(&credentials.to_sealable())?;
    let sealed = parts
        .vault
        .seal(channel_context(tenant, id), &plain)
        .await?;
    let settings = ChannelSettings {
        bot_url: Some(bot.webhook_url(kind_of(kind), &external_id)),
        display: Some(name.to_owned()),
        human_agent_tag: true,
        ..ChannelSettings::default()
    };
    let new = NewChannel {
        id,
        kind,
        name: format!("{name} · {}", kind.title()),
        external_id: external_id.clone(),
        public_key: public_key.clone(),
        settings,
        credentials: sealed,
    };
    parts
        .store
        .tenant(tenant)
        .channels()
        .insert(new)
        .await
        .context("storing")?;
    let line = Line {
        kind,
        channel: id,
        account: external_id,
        public_key,
    };
    give_to_bot(
        sandbox,
        public_url,
        &line,
        &credentials,
        &account,
        name,
        events_secret,
    )?;
    call_back(parts, sandbox, public_url, &line, &credentials, &account).await?;
    let contact = NewContact {
        name: Some("Ana Pérez".to_owned()),
        ..NewContact::default()
    };
    sandbox
        .services
        .phone
        .add_contact(kind_of(kind), &line.account, contact)
        .map_err(|e| anyhow::anyhow!("phone: {e:?}"))?;
    Ok(line)
}

fn credentials(kind: ChannelKind, account: &Value) -> anyhow::Result<ChannelCredentials> {
    let secret = |name: &str| text(account, name).map(Secret::new);
    let verify_token = Secret::new(uuid::Uuid::new_v4().simple().to_string());
    Ok(match kind {
        ChannelKind::Telegram => ChannelCredentials::Telegram {
            token: secret("token")?,
            webhook_secret: Secret::new(uuid::Uuid::new_v4().simple().to_string()),
        },
        ChannelKind::WhatsApp => ChannelCredentials::WhatsApp {
            access_token: secret("access_token")?,
            phone_number_id: text(account, "phone_number_id")?,
            waba_id: text(account, "waba_id")?,
            app_secrets: vec![secret("app_secret")?],
            verify_token,
        },
        ChannelKind::Messenger => ChannelCredentials::Messenger {
            page_token: secret("access_token")?,
            page_id: text(account, "page_id")?,
            app_id: text(account, "app_id")?,
            app_secrets: vec![secret("app_secret")?],
            verify_token,
        },
        ChannelKind::Instagram => ChannelCredentials::Instagram {
            login: InstagramLogin::Facebook,
            token: secret("access_token")?,
            account_id: text(account, "id")?,
            page_id: Some(text(account, "page_id")?),
            app_id: text(account, "app_id")?,
            app_secrets: vec![secret("app_secret")?],
            verify_token,
        },
        ChannelKind::Api => ChannelCredentials::Api {},
        ChannelKind::Test => anyhow::bail!("the test chat is there by itself"),
    })
}

/// The bot answers through the send proxy: the swapped base address is all that changes for it.
fn give_to_bot(
    sandbox: &Sandbox,
    public_url: &str,
    line: &Line,
    credentials: &ChannelCredentials,
    account: &Value,
    name: &str,
    events_secret: &Secret,
) -> anyhow::Result<()> {
    let family = if line.kind == ChannelKind::Telegram {
        "telegram"
    } else {
        "graph"
    };
    let (token, secret_token) = match credentials {
        ChannelCredentials::Telegram {
            token,
            webhook_secret,
        } => (
            token.expose().to_owned(),
            Some(webhook_secret.expose().to_owned()),
        ),
        _ => (text(account, "access_token")?, None),
    };
    let sender = match line.kind {
        ChannelKind::Instagram => Some(text(account, "page_id")?),
        _ => None,
    };
    sandbox.services.bot.configure(BotConfig {
        kind: line.sandbox_kind(),
        account: line.account.clone(),
        api_base: format!("{public_url}/proxy/{family}/{}", line.public_key),
        token,
        sender,
        app_secret: text(account, "app_secret").ok(),
        secret_token,
        events_secret: Some(events_secret.expose().to_owned()),
        name: name.to_owned(),
    });
    Ok(())
}

/// The platform calls us back: by API at Telegram, pasted into the dashboard at Meta.
async fn call_back(
    parts: &Parts,
    sandbox: &Sandbox,
    public_url: &str,
    line: &Line,
    credentials: &ChannelCredentials,
    account: &Value,
) -> anyhow::Result<()> {
    let callback_url = format!(
        "{public_url}/hooks/{}/{}",
        line.kind.name(),
        line.public_key
    );
    if let Some(object) = Object::of(line.sandbox_kind()) {
        let (ChannelCredentials::WhatsApp { verify_token, .. }
        | ChannelCredentials::Messenger { verify_token, .. }
        | ChannelCredentials::Instagram { verify_token, .. }) = credentials
        else {
            anyhow::bail!("no verify token")
        };
        let fields = FIELDS.iter().map(|f| (*f).to_owned()).collect();
        sandbox
            .services
            .graph
            .set_callback(
                &text(account, "app_id")?,
                object,
                &callback_url,
                verify_token.expose(),
                fields,
            )
            .await
            .map_err(|e| anyhow::anyhow!("handshake: {e:?}"))?;
    }
    let channel = parts.channels.get(line.kind).context("no such platform")?;
    let setup = WebhookSetup {
        callback_url,
        restore: None,
    };
    channel
        .set_webhook(credentials, &setup)
        .await
        .context("webhook")?;
    Ok(())
}

/// What the app is subscribed to in the dashboard.
const FIELDS: [&str; 12] = [
    "messages",
    "messaging_postbacks",
    "message_echoes",
    "message_reads",
    "message_deliveries",
    "message_reactions",
    "message_edits",
    "messaging_referrals",
    "messaging_handovers",
    "standby",
    "messaging_seen",
    "smb_message_echoes",
];

fn text(account: &Value, name: &str) -> anyhow::Result<String> {
    account
        .get(name)
        .and_then(Value::as_str)
        .map(str::to_owned)
        .with_context(|| format!("the account has no {name}"))
}
