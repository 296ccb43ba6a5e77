//! A company before anybody writes: lines, desk, rules.

use crate::bench::chance::Chance;
use adapters::store::{NewTenant, PasswordHash, Store};
use anyhow::Context as _;
use domain::channel::{ChannelHealth, ChannelKind, ChannelSettings};
use domain::desk::DeskSettings;
use domain::handoff::HandoffOptions;
use domain::ids::{MemberId, RuleId, TenantId};
use domain::routing::{Action, Condition, Rule, default_rules};
use domain::tenant::Language;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement, Value};
use uuid::Uuid;

/// The zone in which all of them live.
pub(super) const ZONE: &str = "America/Santiago";

/// A company.
pub(super) struct Company {
    pub tenant: TenantId,
    pub owner: MemberId,
    pub channels: Vec<Uuid>,
    pub rules: Vec<RuleId>,
}

/// Signs a company up and gives it what it needs.
pub(super) async fn company(
    store: &Store,
    db: &DatabaseConnection,
    chance: &mut Chance,
    (name, email, hash): (&str, &str, &str),
    started: i64,
) -> anyhow::Result<Company> {
    let new = NewTenant {
        company: name.to_owned(),
        name: "Camila Rojas".to_owned(),
        email: email.to_owned(),
        password_hash: PasswordHash(hash.to_owned()),
        language: Language::Es,
        time_zone: ZONE.to_owned(),
    };
    let owner = store.sign_up(new).await.context("sign-up")?;
    let tenant = owner.tenant;
    let mut channels = Vec::new();
    for kind in ChannelKind::PLATFORMS {
        channels.push(line(db, chance, tenant, kind, started).await?);
    }
    desk(db, tenant).await?;
    let mut rules = default_rules(Language::Es, RuleId(chance.id(started)));
    for words in [
        "reclamo,garantía",
        "factura",
        "hablar con alguien",
        "no funciona",
    ] {
        rules.push(Rule {
            id: RuleId(chance.id(started)),
            name: format!("Dice {words}"),
            enabled: true,
            channels: Vec::new(),
            condition: Condition::Keywords {
                words: words.split(',').map(str::to_owned).collect(),
            },
            action: Action::HandOff {
                options: HandoffOptions::default(),
                close: None,
            },
        });
    }
    for rule in &rules {
        let saved = store.tenant(tenant).rules();
        saved.save(rule).await.context("rules")?;
    }
    Ok(Company {
        tenant,
        owner: owner.id,
        channels,
        rules: rules.iter().map(|r| r.id).collect(),
    })
}

async fn line(
    db: &DatabaseConnection,
    chance: &mut Chance,
    tenant: TenantId,
    kind: ChannelKind,
    at: i64,
) -> anyhow::Result<Uuid> {
    let id = chance.id(at);
    let settings = ChannelSettings {
        bot_url: Some("https://bot.example/hook".to_owned()),
        ..ChannelSettings::default()
    };
    let values: [Value; 10] = [
        tenant.0.into(),
        id.into(),
        kind.name().into(),
        format!("{} de ventas", kind.title()).into(),
        id.simple().to_string().into(),
        format!("k{}", id.simple()).into(),
        serde_json::to_string(&settings)?.into(),
        serde_json::to_string(&ChannelHealth::Ok)?.into(),
        // Nothing opens it: no page that is measured asks a platform.
        Vec::<u8>::new().into(),
        at.into(),
    ];
    let text = "insert into channels (tenant_id, id, kind, name, external_id, public_key, settings,
        health, credentials, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    run(db, text, values).await?;
    Ok(id)
}

async fn desk(db: &DatabaseConnection, tenant: TenantId) -> anyhow::Result<()> {
    let settings = DeskSettings {
        base_url: "https://desk.example".to_owned(),
        organization_id: 1,
        agent_user_id: 1,
        inquiry_id: None,
        group_id: None,
        extra_channels: Vec::new(),
        extra_groups: Vec::new(),
    };
    let values: [Value; 3] = [
        tenant.0.into(),
        serde_json::to_string(&settings)?.into(),
        Vec::<u8>::new().into(),
    ];
    let text = "insert into desks (tenant_id, settings, credentials) values ($1, $2, $3)";
    run(db, text, values).await
}

async fn run<const N: usize>(
    db: &DatabaseConnection,
    text: &str,
    values: [Value; N],
) -> anyhow::Result<()> {
    let backend = db.get_database_backend();
    db.execute_raw(Statement::from_sql_and_values(backend, text, values))
        .await?;
    Ok(())
}
