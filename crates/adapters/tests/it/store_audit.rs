//! The log of who changed what, on both databases.

use crate::support::{House, new_tenant, on_both_databases};
use adapters::ingest::{Command, NewNote};
use adapters::store::{
    AuditFilter, AuditLine, Change, NewApiKey, NewToken, Object, PasswordHash, Purpose,
    TenantStore, TokenHash,
};
use domain::audit::{Action, Actor, By, ObjectKind};
use domain::ids::{MemberId, RuleId};
use domain::routing::{Action as RuleAction, Condition, Rule};
use domain::secret::Sealed;
use domain::tenant::{Language, Member};
use domain::time::Timestamp;
use std::time::Duration;
use uuid::Uuid;

async fn lines(store: &TenantStore) -> Vec<AuditLine> {
    let all = AuditFilter::default();
    store.audit().list(&all, None, 100).await.unwrap()
}

fn actions(lines: &[AuditLine]) -> Vec<&'static str> {
    lines.iter().map(|l| l.action.unwrap().name()).collect()
}

fn rule(name: &str) -> Rule {
    Rule {
        id: RuleId(Uuid::now_v7()),
        name: name.to_owned(),
        enabled: true,
        channels: Vec::new(),
        condition: Condition::Keywords {
            words: vec!["agente".into()],
        },
        action: RuleAction::Ignore,
    }
}

/// A company whose owner is acting from an address.
async fn company(house: &House, name: &str) -> TenantStore {
    let owner = house.store.sign_up(new_tenant(name)).await.unwrap();
    house.store.tenant(owner.tenant).by(By {
        actor: Actor::Member {
            id: owner.id,
            name: owner.name,
        },
        address: Some("192.0.2.7".to_owned()),
    })
}

on_both_databases! {
    async fn every_change_of_a_rule_leaves_a_line_with_before_and_after(house) {
        let store = company(house, "Sur").await;
        let mut one = rule("Hablar con una persona");
        store.rules().save(&one).await.unwrap();
        // Saving what is stored already changes nothing.
        store.rules().save(&one).await.unwrap();
        house.clock.advance(Duration::from_secs(1));
        one.condition = Condition::Keywords { words: vec!["agente".into(), "humano".into()] };
        store.rules().save(&one).await.unwrap();
        house.clock.advance(Duration::from_secs(1));
        one.enabled = false;
        store.rules().save(&one).await.unwrap();
        house.clock.advance(Duration::from_secs(1));
        let other = rule("Otra");
        store.rules().save(&other).await.unwrap();
        house.clock.advance(Duration::from_secs(1));
        store.rules().reorder(&[other.id, one.id]).await.unwrap();
        house.clock.advance(Duration::from_secs(1));
        store.rules().remove(one.id).await.unwrap();
        assert!(store.rules().remove(one.id).await.is_err());

        let lines = lines(&store).await;
        let expected = ["rule.removed", "rules.reordered", "rule.created", "rule.disabled",
            "rule.updated", "rule.created"];
        assert_eq!(actions(&lines), expected);
        let updated = &lines[4];
        assert_eq!(updated.actor.name(), "Ana");
        assert_eq!(updated.address.as_deref(), Some("192.0.2.7"));
        assert_eq!(updated.object.name, "Hablar con una persona");
        let [difference] = updated.differences.as_slice() else { panic!("{updated:?}") };
        assert_eq!(difference.was.as_deref(), Some("agente"));
        assert_eq!(difference.became.as_deref(), Some("agente, humano"));
        let order = &lines[1].differences[0];
        assert_eq!(order.was.as_deref(), Some("Hablar con una persona, Otra"));
        assert_eq!(order.became.as_deref(), Some("Otra, Hablar con una persona"));
    }

    async fn connections_settings_and_keys_are_in_the_log_without_their_secrets(house) {
        let company = house.company("Norte").await;
        let store = company.tenant;
        let channels = store.channels();
        let line = channels.list().await.unwrap().remove(0);
        channels.rename(line.id, "Ventas").await.unwrap();
        channels.save_credentials(line.id, &Sealed(b"hunter2".to_vec())).await.unwrap();
        let mut settings = line.settings.clone();
        settings.bot_url = Some("https://bot.test/hook?key=hunter2".to_owned());
        channels.save_settings(line.id, &settings).await.unwrap();
        channels.remove(line.id).await.unwrap();
        let desk = store.desk().get().await.unwrap().unwrap();
        store.desk().save(&desk.settings, &Sealed(b"hunter2".to_vec())).await.unwrap();
        store.desk().remove().await.unwrap();
        store.desk().remove().await.unwrap();
        let mut settings = store.tenant().await.unwrap().settings;
        settings.policy.texts.goodbye = "Hasta pronto".to_owned();
        settings.events_url = Some("https://user:hunter2@bot.test/".to_owned());
        store.save_settings(&settings).await.unwrap();
        let new = NewApiKey::unlimited("bot", b"hunter2".to_vec(), "rlv_");
        let key = store.api_keys().insert(new).await.unwrap();
        store.api_keys().revoke(key.id).await.unwrap();

        let lines = lines(&store).await;
        let mut names = actions(&lines);
        names.sort_unstable();
        assert_eq!(names, [
            "api_key.created", "api_key.revoked", "channel.connected", "channel.credentials_changed",
            "channel.disconnected", "channel.updated", "channel.updated", "desk.connected",
            "desk.disconnected", "desk.updated", "settings.updated", "settings.updated",
        ]);
        let raw = house.texts(
            "select coalesce(was, '') || coalesce(became, '') || object_name from audit", vec![]).await;
        assert!(raw.iter().all(|text| !text.contains("hunter2")), "{raw:?}");
        let changed = lines.iter().find(|l| l.action == Some(Action::SettingsUpdated)).unwrap();
        let paths: Vec<_> = changed.differences.iter().map(|d| d.path.join(".")).collect();
        assert_eq!(paths, ["events_url", "policy.texts.goodbye"]);
    }

    async fn a_change_that_is_not_made_leaves_no_line(house) {
        let one = house.company("Uno").await;
        let other = house.company("Dos").await;
        let line = one.tenant.channels().list().await.unwrap().remove(0);
        let stranger = other.tenant;
        assert!(stranger.channels().rename(line.id, "Mía").await.is_err());
        let before = lines(&stranger).await.len();
        assert!(stranger.channels().remove(line.id).await.is_err());
        assert_eq!(lines(&stranger).await.len(), before);
        // The account is taken: nothing is connected, nothing is in the log.
        let mut taken = crate::support::new_channel(line.kind, &line.external_id);
        taken.name = "Robada".to_owned();
        assert!(stranger.channels().insert(taken).await.is_err());
        assert_eq!(lines(&stranger).await.len(), before);
    }

    async fn an_account_that_changes_says_so_and_never_to_what(house) {
        let owner = house.store.sign_up(new_tenant("Oeste")).await.unwrap();
        let by = By {
            actor: Actor::Member { id: owner.id, name: owner.name.clone() },
            address: Some("192.0.2.7".to_owned()),
        };
        let store = house.store.clone();
        let mut logins = Vec::new();
        for device in ["a", "b", "c"] {
            logins.push(store.login_begin(&owner, device, "192.0.2.7").await.unwrap());
        }
        let tick = || house.clock.advance(Duration::from_secs(1));
        store.login_end(&owner, logins[0]).await.unwrap();
        store.login_revoke(&owner, &by, logins[1]).await.unwrap();
        assert!(store.login_revoke(&owner, &by, logins[1]).await.is_err());
        tick();
        store.factor_offer(&owner, &Sealed(b"hunter2".to_vec())).await.unwrap();
        store.factor_on(&owner, &by, 5, &[b"hunter2".to_vec()]).await.unwrap();
        tick();
        store.recovery_replace(&owner, &by, &[b"hunter2".to_vec()]).await.unwrap();
        tick();
        store.factor_off(&owner, &by).await.unwrap();
        store.factor_off(&owner, &by).await.unwrap();
        tick();
        let password = PasswordHash("hunter2".to_owned());
        store.change_password(&owner, &by, password.clone(), logins[2]).await.unwrap();
        tick();
        store.logins_end(&owner, &by, None).await.unwrap();
        store.logins_end(&owner, &by, None).await.unwrap();
        tick();
        store.change_email(&owner, &by, "Otra@Oeste.test").await.unwrap();
        tick();
        store.change_profile(&owner, &by, "Inés", Language::Pt).await.unwrap();
        let renamed = Member { name: "Inés".to_owned(), language: Language::Pt, ..owner.clone() };
        store.change_profile(&renamed, &by, "Inés", Language::Pt).await.unwrap();
        tick();
        let (raw, hash) = TokenHash::fresh().unwrap();
        let link = NewToken {
            hash,
            tenant: owner.tenant,
            member: Some(owner.id),
            purpose: Purpose::Reset,
            data: serde_json::Value::Null,
            expires_at: Timestamp(i64::MAX),
        };
        store.token_issue(&link, None).await.unwrap();
        let hash = TokenHash::of(raw.expose());
        store.reset_password(&hash, password, Some("192.0.2.9")).await.unwrap().unwrap();

        let lines = lines(&store.tenant(owner.tenant)).await;
        assert_eq!(actions(&lines), [
            "member.password_changed", "member.profile_changed", "member.email_changed",
            "member.logins_ended",
            "member.password_changed", "member.second_factor_off", "member.recovery_codes_renewed",
            "member.second_factor_on", "member.logins_ended",
        ]);
        assert!(lines.iter().all(|l| l.object.id == owner.id.to_string()), "{lines:?}");
        // Whoever comes by a link comes under the name of that moment.
        assert!(lines[1..].iter().all(|l| l.actor == by.actor), "{lines:?}");
        let named = lines[1].differences.iter().map(|d| d.became.as_deref()).collect::<Vec<_>>();
        assert!(named.contains(&Some("Inés")) && named.contains(&Some("pt")), "{named:?}");
        assert_eq!(lines[0].address.as_deref(), Some("192.0.2.9"), "from where the link was opened");
        assert_eq!(lines[2].differences[0].became.as_deref(), Some("otra@oeste.test"));
        let raw = house.texts(
            "select coalesce(was, '') || coalesce(became, '') || object_name from audit", vec![]).await;
        assert!(raw.iter().all(|text| !text.contains("hunter2")), "{raw:?}");
    }

    async fn tags_and_notes_leave_a_line_without_the_notes_words(house) {
        let company = house.company("Norte").await;
        house.says(&company, "ana", "m1", "hola").await;
        let conversation = company.conversation("ana").await;
        let by = By {
            actor: Actor::Member { id: MemberId(Uuid::now_v7()), name: "Camila".to_owned() },
            address: None,
        };
        let tag = |tag: &str, on| Command::Tag {
            tenant: company.id(), conversation, tag: tag.to_owned(), on, by: by.clone(),
        };
        let before = lines(&company.tenant).await.len();
        house.command(tag("vip", true)).await.unwrap();
        // What is so already leaves no line, and neither does what was never there.
        house.command(tag("vip", true)).await.unwrap();
        house.command(tag("moroso", false)).await.unwrap();
        house.clock.advance(Duration::from_secs(1));
        let note = NewNote {
            tenant: company.id(), conversation, id: Uuid::now_v7(), member: MemberId(Uuid::now_v7()),
            name: "Camila".into(), by: by.clone(), text: "hunter2".into(),
        };
        house.command(Command::Note(note.clone())).await.unwrap();
        house.command(Command::Note(note)).await.unwrap();
        let told = lines(&company.tenant).await;
        let fresh = told.len() - before;
        let told = &told[..fresh];
        assert_eq!(actions(told), ["conversation.noted", "conversation.tagged"]);
        assert!(told.iter().all(|l| l.actor == by.actor && l.object.id == conversation.to_string()));
        assert_eq!(told[1].differences[0].became.as_deref(), Some("vip"));
        let raw = house.texts(
            "select coalesce(was, '') || coalesce(became, '') || object_name from audit", vec![]).await;
        assert!(raw.iter().all(|text| !text.contains("hunter2")), "{raw:?}");
    }

    async fn the_log_is_read_page_by_page_and_by_what_one_looks_for(house) {
        let store = company(house, "Este").await;
        let owner = match &store.acting().actor { Actor::Member { id, .. } => *id, _ => unreachable!() };
        for number in 0..25 {
            let object = Object::of(ObjectKind::Conversation, number % 5, format!("nº {number}"));
            store.audit().record(Change::of(Action::ConversationEnded, object)).await.unwrap();
            if number % 3 == 0 { house.clock.advance(Duration::from_secs(60)); }
        }
        let mut seen = Vec::new();
        let mut before = None;
        loop {
            let page = store.audit().list(&AuditFilter::default(), before, 4).await.unwrap();
            let Some(last) = page.last() else { break };
            before = Some(last.cursor.to_string().parse().unwrap());
            seen.extend(page.iter().map(|l| l.object.name.clone()));
        }
        let expected: Vec<_> = (0..25).rev().map(|n| format!("nº {n}")).collect();
        assert_eq!(seen, expected);
        let about = AuditFilter { object: Some("3".into()), kind: Some(ObjectKind::Conversation), ..AuditFilter::default() };
        assert_eq!(store.audit().list(&about, None, 100).await.unwrap().len(), 5);
        let by = AuditFilter { who: Some(owner), from: Some(house.now()), ..AuditFilter::default() };
        assert!(store.audit().list(&by, None, 100).await.unwrap().is_empty());
        let until = AuditFilter { until: Some(house.now()), ..AuditFilter::default() };
        assert_eq!(store.audit().list(&until, None, 100).await.unwrap().len(), 25);
        assert_eq!(store.audit().people().await.unwrap(), [(owner, "Ana".to_owned())]);
        let stranger = company(house, "Otra").await;
        assert!(lines(&stranger).await.is_empty());
        assert!("garbage".parse::<adapters::store::AuditCursor>().is_err());
    }
}
