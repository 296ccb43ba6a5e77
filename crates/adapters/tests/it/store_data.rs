//! Keeping, erasing, taking along and deleting a tenant's data, on both databases.

use crate::support::{Company, HOLD, House, on_both_databases, refused};
use adapters::ingest::{Command, NewNote};
use adapters::store::{ClaimError, Forgetful, NewApiKey, NewInvitation, Part, StoreError};
use domain::audit::By;
use domain::ids::{ConversationId, FileId, MemberId, RuleId};
use domain::outbound::Lane;
use domain::routing::{Action, Condition, Rule};
use domain::tenant::Role;
use domain::time::Timestamp;
use std::time::Duration;
use uuid::Uuid;

const DAY: Duration = Duration::from_secs(86_400);
const GONE: &str = "Contenido eliminado";

/// Ana says two things and the bot has heard them.
async fn talk(house: &House, company: &Company, key: &str) -> ConversationId {
    house
        .says(company, key, &format!("{key}-1"), "hola secreto")
        .await;
    house
        .says(company, key, &format!("{key}-2"), "mi rut es secreto")
        .await;
    let id = company.conversation(key).await;
    for _ in 0..2 {
        let claim = house.head(company, id, Lane::Bot).await;
        house.done(claim, Default::default()).await;
    }
    id
}

async fn add_file(house: &House, company: &Company, conversation: ConversationId) -> FileId {
    use sea_orm::{ConnectionTrait, Statement};
    let message = company.messages(conversation).await[0].id;
    let id = Uuid::now_v7();
    let text = "insert into files (tenant_id, id, message_id, mime, name, size, sha256, created_at)
        values ($1, $2, $3, 'image/png', 'foto.png', 3, 'x', 0)";
    let values = [company.id().0.into(), id.into(), message.0.into()];
    let backend = house.db.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, text, values);
    house.db.execute_raw(statement).await.unwrap();
    FileId(id)
}

/// What a company's people write: rules, texts, notes, a tag, an invitation, a key.
async fn write_all_over(house: &House, company: &Company, conversation: ConversationId) {
    let tenant = &company.tenant;
    let mut rule = Rule {
        id: RuleId(Uuid::now_v7()),
        name: "Una regla".to_owned(),
        enabled: true,
        channels: Vec::new(),
        condition: Condition::InBusinessHours,
        action: Action::Ignore,
    };
    tenant.rules().save(&rule).await.unwrap();
    rule.enabled = false;
    tenant.rules().save(&rule).await.unwrap();
    company
        .tune(|settings| {
            settings.policy.texts.goodbye = "Hasta pronto".to_owned();
            settings.events_url = Some("https://u:hunter2@bot.test/?key=hunter2".to_owned());
        })
        .await;
    let mut settings = company.channel.settings.clone();
    settings.bot_url = Some("https://bot.test/hook?key=hunter2".to_owned());
    let channels = tenant.channels();
    channels
        .save_settings(company.channel.id, &settings)
        .await
        .unwrap();
    let key = NewApiKey::unlimited("bot", Uuid::now_v7().as_bytes().to_vec(), "rlv_");
    tenant.api_keys().insert(key).await.unwrap();
    let invitation = NewInvitation {
        email: format!("{}@invitada.test", Uuid::now_v7().simple()),
        role: Role::Analyst,
        hash: Uuid::now_v7().as_bytes().to_vec(),
        expires_at: house.now().after(DAY),
    };
    tenant.team().invite(invitation).await.unwrap();
    for text in ["llamar al mediodía", "otra vez"] {
        let note = NewNote {
            tenant: company.id(),
            conversation,
            id: Uuid::now_v7(),
            member: MemberId(Uuid::now_v7()),
            name: "Camila".into(),
            by: By::default(),
            text: text.into(),
        };
        house.command(Command::Note(note)).await.unwrap();
    }
    let tag = Command::Tag {
        tenant: company.id(),
        conversation,
        tag: "moroso".to_owned(),
        on: true,
        by: By::default(),
    };
    house.command(tag).await.unwrap();
}

/// Everything that is stored about somebody, as one text.
async fn everything(house: &House) -> String {
    let mut all = String::new();
    for text in [
        "select content from messages",
        "select coalesce(author_name, '') || coalesce(external_id, '') || coalesce(dedupe_key, '') from messages",
        "select key || profile || coalesce(alias, '') from contacts",
        "select last_words || progress || state from conversations",
        "select task || progress from outbox",
        "select coalesce(external_id, '') from deliveries",
        "select options from handoffs",
        "select object_name || coalesce(was, '') || coalesce(became, '') from audit",
        "select raw from realtime_events",
    ] {
        all.push_str(&house.texts(text, vec![]).await.join("\n"));
    }
    for text in house
        .texts("select cast(headers as text) from webhooks", vec![])
        .await
    {
        all.push_str(&text);
    }
    all
}

async fn forgetful(house: &House) -> Option<Forgetful> {
    house.store.forgetful().await.unwrap().into_iter().next()
}

on_both_databases! {
    async fn words_older_than_the_tenant_keeps_them_go_batch_by_batch_and_figures_stay(house) {
        let company = house.company("Olvido").await;
        let id = talk(house, &company, "56911111111").await;
        let file = add_file(house, &company, id).await;
        assert_eq!(forgetful(house).await, None);
        company.tenant.set_retention(Some(30)).await.unwrap();
        let early = forgetful(house).await.unwrap();
        assert_eq!(company.tenant.forget(early, GONE, 10).await.unwrap().messages, 0);
        house.clock.advance(DAY * 31);
        house.says(&company, "56911111111", "young", "esto es nuevo").await;
        // Something still waits to be sent: nothing of this conversation is touched.
        let due = forgetful(house).await.unwrap();
        assert_eq!(company.tenant.forget(due, GONE, 10).await.unwrap().messages, 0);
        let claim = house.head(&company, id, Lane::Bot).await;
        house.done(claim, Default::default()).await;
        let due = forgetful(house).await.unwrap();
        let first = company.tenant.forget(due, GONE, 1).await.unwrap();
        assert_eq!((first.messages, first.files), (1, vec![file]));
        assert!(company.tenant.files().get(file).await.is_err(), "nobody can open it any more");
        assert_eq!(house.store.tenants_with_removed_files().await.unwrap(), [company.id()]);
        assert_eq!(company.tenant.removed_files(10).await.unwrap(), [file]);
        company.tenant.file_gone(file).await.unwrap();
        assert!(house.store.tenants_with_removed_files().await.unwrap().is_empty());
        // Cut off here, the next run goes on.
        let due = forgetful(house).await.unwrap();
        assert_eq!(company.tenant.forget(due, GONE, 10).await.unwrap().messages, 1);
        let said = company.said(id).await;
        assert_eq!(said, [format!("contact: {GONE}"), format!("contact: {GONE}"), "contact: esto es nuevo".into()]);
        let due = forgetful(house).await.unwrap();
        assert_eq!(due.from, due.before);
        assert_eq!(company.tenant.forget(due, GONE, 10).await.unwrap().messages, 0);
        let usage = company.tenant.usage(Timestamp(0)).await.unwrap();
        assert_eq!((usage.messages, usage.channels, usage.members), (3, 1, 1));
        house.check().await;
    }

    async fn an_erased_contact_is_nowhere_and_the_neighbours_stay(house) {
        let company = house.company("Borra").await;
        let id = talk(house, &company, "56922222222").await;
        let other = talk(house, &company, "56933333333").await;
        let file = add_file(house, &company, id).await;
        let handoff = house.hand_off(&company, id).await;
        let open = company.tenant.erase_contact(id, GONE).await;
        assert!(matches!(open, Err(StoreError::Conflict("open_handoff"))), "{open:?}");
        let command = adapters::ingest::Command::End {
            tenant: company.id(), conversation: id, handoff: Some(handoff),
            reason: domain::handoff::EndReason::OperatorForced,
        };
        house.command(command).await.unwrap();
        let files = company.tenant.erase_contact(id, GONE).await.unwrap();
        assert_eq!(files, [file]);
        let all = everything(house).await;
        assert!(!all.contains("56922222222"), "{all}");
        assert!(all.contains("56933333333") && all.contains("secreto"));
        assert!(company.said(id).await.iter().all(|line| !line.contains("secreto")));
        assert!(company.said(other).await.iter().any(|line| line.contains("secreto")));
        assert_eq!(company.handoff(handoff).await.end_reason.map(|r| r.name()), Some("operator_forced"));
        // Whoever writes again is somebody new.
        house.says(&company, "56922222222", "again", "soy yo").await;
        assert_ne!(company.conversation("56922222222").await, id);
        let stranger = house.company("Otra").await;
        assert!(matches!(stranger.tenant.erase_contact(other, GONE).await, Err(StoreError::NotFound)));
        house.check().await;
    }

    async fn the_export_is_whole_and_without_secrets_whatever_the_size_of_its_pages(house) {
        let company = house.company("Lleva").await;
        let id = talk(house, &company, "56944444444").await;
        add_file(house, &company, id).await;
        house.hand_off(&company, id).await;
        write_all_over(house, &company, id).await;
        let stranger = house.company("Ajena").await;
        let other = talk(house, &stranger, "56955555555").await;
        write_all_over(house, &stranger, other).await;
        let mut counts = Vec::new();
        for limit in [1, 2, 500] {
            let mut lines = Vec::new();
            for part in Part::ALL {
                let mut after = None;
                loop {
                    let (rows, next) = company.tenant.export(part, after, limit).await.unwrap();
                    lines.extend(rows.into_iter().map(|row| (part, row)));
                    if next.is_none() { break }
                    after = next;
                }
            }
            let whole: Vec<_> = lines.iter().map(|(_, row)| row.to_string()).collect();
            let whole = whole.join("\n");
            assert!(whole.contains("mi rut es secreto") && whole.contains("foto.png"), "{whole}");
            assert!(!whole.contains("56955555555"), "another tenant's");
            assert!(!whole.contains("Ajena"), "another tenant's");
            for secret in ["hunter2", "\"hash\"", "password_hash", "\"credentials\"", "public_key"] {
                assert!(!whole.contains(secret), "{secret}");
            }
            let of = |part: Part| lines.iter().filter(move |(p, _)| *p == part).map(|(_, row)| row);
            let one = |part: Part| of(part).next().unwrap().to_string();
            for part in Part::ALL {
                assert!(of(part).count() > 0, "nothing of {}", part.name());
            }
            assert!(one(Part::Tenant).contains("Hasta pronto"), "texts");
            assert!(one(Part::Tenant).contains("time_zone"), "hours");
            assert!(one(Part::Contacts).contains("moroso"), "tags");
            assert!(one(Part::Notes).contains("llamar al mediodía"));
            assert!(one(Part::Desk).contains("organization_id"));
            assert_eq!(of(Part::Notes).count(), 2);
            assert_eq!(of(Part::RuleVersions).count(), 2, "one for each change");
            assert!(of(Part::RuleVersions).next_back().unwrap().to_string().contains("Una regla"));
            let noted = of(Part::Audit).filter(|row| row["action"] == "conversation.noted");
            assert_eq!(noted.count(), 2);
            counts.push(lines.len());
        }
        assert!(counts.windows(2).all(|w| w[0] == w[1]), "{counts:?}");
    }

    async fn a_tenant_is_deleted_after_its_grace_from_every_table_and_no_other_is_touched(house) {
        let company = house.company("Adiós").await;
        let stay = house.company("Queda").await;
        let id = talk(house, &company, "56966666666").await;
        let kept = talk(house, &stay, "56977777777").await;
        let file = add_file(house, &company, id).await;
        house.hand_off(&company, id).await;
        company.tenant.leave(house.now().after(DAY)).await.unwrap();
        assert!(house.store.leavers().await.unwrap().is_empty());
        company.tenant.stay().await.unwrap();
        house.clock.advance(DAY);
        assert!(house.store.leavers().await.unwrap().is_empty());
        company.tenant.leave(house.now()).await.unwrap();
        assert_eq!(house.store.leavers().await.unwrap(), [company.id()]);
        assert!(company.tenant.stay().await.is_err(), "too late");

        company.tenant.shred().await.unwrap();
        assert_eq!(company.tenant.some_files(10).await.unwrap(), [file]);
        company.tenant.file_gone(file).await.unwrap();
        let mut batches = 0;
        while company.tenant.purge().await.unwrap() { batches += 1; }
        assert!(batches > 3, "{batches}");
        let tables = if house.is_postgres() {
            "select table_name::text from information_schema.columns where column_name = 'tenant_id' and table_schema = 'public'"
        } else {
            "select m.name from sqlite_master m join pragma_table_info(m.name) c where m.type = 'table' and c.name = 'tenant_id'"
        };
        let tables = house.texts(tables, vec![]).await;
        assert!(tables.len() > 15, "{tables:?}");
        for table in tables {
            let text = format!("select count(*) from {table} where tenant_id = $1");
            assert_eq!(house.number(&text, vec![company.id().0.into()]).await, 0, "{table}");
        }
        assert!(matches!(company.tenant.tenant().await, Err(StoreError::NotFound)));
        assert!(house.store.leavers().await.unwrap().is_empty());
        assert_eq!(stay.said(kept).await.len(), 2);
        house.check().await;
    }

    async fn a_suspended_tenant_stores_what_comes_in_and_sends_nothing_until_it_is_resumed(house) {
        let company = house.company("Pausa").await;
        company.tenant.suspend("Falta el pago").await.unwrap();
        house.says(&company, "56988888888", "m1", "hola").await;
        let id = company.conversation("56988888888").await;
        assert_eq!(company.said(id).await, ["contact: hola"]);
        match refused(company.tenant.claim(id, Lane::Bot, HOLD).await) {
            ClaimError::NotBefore(at) => assert!(at > house.now()),
            other => panic!("{other:?}"),
        }
        assert!(house.store.due_lanes(10).await.unwrap().is_empty());
        company.tenant.resume().await.unwrap();
        assert_eq!(house.store.due_lanes(10).await.unwrap().len(), 1);
        house.head(&company, id, Lane::Bot).await;
    }
}
