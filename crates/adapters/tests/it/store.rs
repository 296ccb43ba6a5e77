//! The store on both databases: what is kept, and that nobody sees another tenant's.

use crate::support::{House, new_channel, new_tenant, on_both_databases};
use adapters::store::{ConversationFilter, NewApiKey, PasswordHash, Schema, StoreError};
use adapters::vault::{DataKeys, WrappedKey};
use domain::channel::{ChannelHealth, ChannelKind, ChannelSettings};
use domain::ids::{FileId, MemberId, RuleId, TenantId, WebhookId};
use domain::routing::{Action, Condition, Rule};
use domain::secret::Sealed;
use domain::tenant::Role;
use std::collections::HashSet;
use std::time::Duration;
use uuid::Uuid;

fn rule(name: &str) -> Rule {
    Rule {
        id: RuleId(Uuid::now_v7()),
        name: name.to_owned(),
        enabled: true,
        channels: Vec::new(),
        condition: Condition::Keywords {
            words: vec!["agente".into()],
        },
        action: Action::Ignore,
    }
}

on_both_databases! {
    async fn an_address_signs_up_once_whatever_its_case(house) {
        let mut new = new_tenant("Café Ñandú");
        new.email = " Ana@Cafe.Test ".to_owned();
        let member = house.store.sign_up(new.clone()).await.unwrap();
        assert_eq!((member.email.as_str(), member.role), ("ana@cafe.test", Role::Owner));
        let tenant = house.store.tenant(member.tenant).tenant().await.unwrap();
        assert_eq!(tenant.slug, "cafe-nandu");
        assert_eq!(tenant.settings.hours.time_zone, "America/Lima");
        let again = house.store.sign_up(new).await;
        assert!(matches!(again, Err(StoreError::Conflict("email"))), "{again:?}");
        let (found, hash) = house.store.member_by_email("ANA@cafe.test").await.unwrap().unwrap();
        assert_eq!((found.id, hash.0.as_str()), (member.id, "hash"));
        house.store.set_password(member.id, PasswordHash("new".into())).await.unwrap();
        let (_, hash) = house.store.member_by_email("ana@cafe.test").await.unwrap().unwrap();
        assert_eq!(hash.0, "new");
        let nobody = MemberId(Uuid::now_v7());
        let refused = house.store.set_password(nobody, PasswordHash("x".into())).await;
        assert!(matches!(refused, Err(StoreError::NotFound)));
        assert!(house.store.member(nobody).await.unwrap().is_none());
        assert!(house.store.member(member.id).await.unwrap().is_some());
    }

    async fn companies_of_one_name_that_sign_up_at_once_get_names_of_their_own(house) {
        let signing = (0..8).map(|_| house.store.sign_up(new_tenant("La Misma")));
        let members = futures::future::join_all(signing).await;
        let mut slugs = HashSet::new();
        for member in members {
            let tenant = house.store.tenant(member.unwrap().tenant).tenant().await.unwrap();
            assert!(tenant.slug.starts_with("la-misma"), "{}", tenant.slug);
            slugs.insert(tenant.slug);
        }
        assert_eq!(slugs.len(), 8);
        assert!(slugs.contains("la-misma"));
        let odd = house.store.sign_up(new_tenant("会社")).await.unwrap();
        let odd = house.store.tenant(odd.tenant).tenant().await.unwrap();
        assert!(!odd.slug.is_empty() && !odd.slug.starts_with('-'));
    }

    async fn a_browser_session_lives_until_its_time(house) {
        let store = &house.store;
        let until = house.now().after(Duration::from_secs(60));
        store.session_save(b"key", "one", until).await.unwrap();
        store.session_save(b"key", "two", until).await.unwrap();
        assert_eq!(store.session_load(b"key").await.unwrap().as_deref(), Some("two"));
        assert_eq!(store.session_load(b"other").await.unwrap(), None);
        house.clock.advance(Duration::from_secs(60));
        assert_eq!(store.session_load(b"key").await.unwrap(), None);
        store.clear(house.now()).await.unwrap();
        store.clear(house.now().after(Duration::from_secs(1))).await.unwrap();
        assert_eq!(house.number("select count(*) from sessions", vec![]).await, 1);
        house.clock.advance(Duration::from_secs(1));
        store.clear(house.now()).await.unwrap();
        assert_eq!(house.number("select count(*) from sessions", vec![]).await, 0);
        store.session_save(b"key", "x", house.now().after(Duration::from_secs(9))).await.unwrap();
        store.session_delete(b"key").await.unwrap();
        assert_eq!(store.session_load(b"key").await.unwrap(), None);
    }

    async fn an_account_is_connected_by_one_tenant_until_it_is_removed(house) {
        let (one, two) = (house.company("uno").await, house.company("dos").await);
        let (one, two) = (one.tenant.channels(), two.tenant.channels());
        let first = one.insert(new_channel(ChannelKind::WhatsApp, "+51 1")).await.unwrap();
        let taken = two.insert(new_channel(ChannelKind::WhatsApp, "+51 1")).await;
        assert!(matches!(taken, Err(StoreError::Conflict("external_id"))));
        // The same id on another platform is another account.
        two.insert(new_channel(ChannelKind::Messenger, "+51 1")).await.unwrap();
        one.remove(first.id).await.unwrap();
        assert!(matches!(one.get(first.id).await, Err(StoreError::NotFound)));
        let key = std::iter::once(first.public_key.as_str());
        assert!(house.store.channels_by_keys(key).await.unwrap().is_empty());
        let second = two.insert(new_channel(ChannelKind::WhatsApp, "+51 1")).await.unwrap();
        two.remove(second.id).await.unwrap();
        one.insert(new_channel(ChannelKind::WhatsApp, "+51 1")).await.unwrap();
        let kept = house.texts(
            "select name from channels where removed_at is not null and length(credentials) = 0",
            vec![],
        ).await;
        assert_eq!(kept.len(), 2, "credentials go with the line");
    }

    async fn what_is_saved_of_a_line_is_read_again(house) {
        let company = house.company("uno").await;
        let channels = company.tenant.channels();
        let id = company.channel.id;
        channels.rename(id, "Ventas").await.unwrap();
        let settings = ChannelSettings { human_agent_tag: true, ..ChannelSettings::default() };
        channels.save_settings(id, &settings).await.unwrap();
        let sick = ChannelHealth::NeedsAttention { why: "token".into() };
        channels.set_health(id, &sick).await.unwrap();
        let read = channels.get(id).await.unwrap();
        assert_eq!((read.name.as_str(), &read.settings, &read.health), ("Ventas", &settings, &sick));
        channels.save_credentials(id, &Sealed(vec![1, 2])).await.unwrap();
        let (read, sealed) = channels.with_credentials(id).await.unwrap();
        assert_eq!((read.health, sealed.0), (ChannelHealth::Ok, vec![1, 2]));
        assert_eq!(channels.list().await.unwrap().len(), 1);
        let key = &company.channel.public_key;
        let keys = ["nobody", key.as_str()];
        let found = house.store.channels_by_keys(keys.into_iter()).await.unwrap();
        let [(ChannelKind::WhatsApp, of, Ok((found, _)))] = &found[..] else {
            panic!("{found:?}");
        };
        assert_eq!((of, found.id), (key, id));
    }

    async fn a_saved_desk_counts_its_versions_and_starts_its_stream_anew(house) {
        let company = house.company("uno").await;
        let desk = company.tenant.desk();
        let first = desk.get().await.unwrap().unwrap();
        assert_eq!(first.version, 1);
        house.desk(&company, vec![]).await;
        assert_eq!(house.texts("select timetoken from desks", vec![]).await, ["17000000000000000"]);
        desk.save(&first.settings, &Sealed(vec![2])).await.unwrap();
        let second = desk.get().await.unwrap().unwrap();
        assert_eq!((second.version, second.credentials.0), (2, vec![2]));
        assert_eq!(house.texts("select timetoken from desks", vec![]).await, [""]);
        let version = house.number("select version from tenants", vec![]).await;
        desk.remove().await.unwrap();
        assert!(desk.get().await.unwrap().is_none());
        assert!(house.number("select version from tenants", vec![]).await > version);
    }

    async fn rules_keep_their_order(house) {
        let company = house.company("uno").await;
        let rules = company.tenant.rules();
        let made = [rule("a"), rule("b"), rule("c")];
        for rule in &made {
            rules.save(rule).await.unwrap();
        }
        let names = || async {
            let rows = rules.list().await.unwrap();
            rows.into_iter().map(|r| r.rule.name).collect::<Vec<_>>()
        };
        assert_eq!(names().await, ["a", "b", "c"]);
        let mut changed = made[0].clone();
        changed.name = "A".into();
        rules.save(&changed).await.unwrap();
        assert_eq!(names().await, ["A", "b", "c"], "a replaced rule keeps its place");
        rules.reorder(&[made[2].id, made[0].id]).await.unwrap();
        assert_eq!(names().await, ["c", "A", "b"]);
        let stranger = house.company("dos").await;
        stranger.tenant.rules().reorder(&[made[1].id]).await.unwrap();
        assert_eq!(names().await, ["c", "A", "b"], "nobody orders another's rules");
        rules.remove(made[2].id).await.unwrap();
        rules.save(&rule("d")).await.unwrap();
        assert_eq!(names().await, ["A", "b", "d"]);
        assert!(matches!(rules.remove(made[2].id).await, Err(StoreError::NotFound)));
    }

    async fn a_revoked_api_key_opens_nothing(house) {
        let company = house.company("uno").await;
        let keys = company.tenant.api_keys();
        let new = NewApiKey::unlimited("bot", vec![9; 32], "rk_abc");
        let key = keys.insert(new.clone()).await.unwrap();
        assert!(matches!(keys.insert(new).await, Err(StoreError::Conflict(_))));
        assert_eq!(house.store.api_key(&[9; 32]).await.unwrap().unwrap().tenant, company.id());
        let used = keys.list().await.unwrap();
        assert_eq!(used[0].last_used_at, Some(house.now()));
        assert!(house.store.api_key(&[8; 32]).await.unwrap().is_none());
        keys.revoke(key.id).await.unwrap();
        assert!(house.store.api_key(&[9; 32]).await.unwrap().is_none());
        assert!(matches!(keys.revoke(key.id).await, Err(StoreError::NotFound)));
        assert!(keys.list().await.unwrap().is_empty());
    }

    async fn a_data_key_is_made_once(house) {
        let tenant = TenantId(Uuid::now_v7());
        let key = |n: u8| WrappedKey { master: "m".into(), wrapped: vec![n] };
        let making = (0..10).map(|n| house.store.insert_if_absent(tenant, key(n)));
        let made: Vec<_> = futures::future::join_all(making).await;
        let first = made[0].as_ref().unwrap().clone();
        assert!(made.iter().all(|k| k.as_ref().unwrap().wrapped == first.wrapped));
        assert!(!house.store.replace(tenant, &key(99), key(50)).await.unwrap());
        assert!(house.store.replace(tenant, &first, key(51)).await.unwrap());
        assert_eq!(house.store.load(tenant).await.unwrap().unwrap().wrapped, [51]);
    }

    async fn another_tenants_rows_are_not_there(house) {
        let (mine, other) = (house.company("uno").await, house.company("dos").await);
        house.says(&mine, "51999", "m1", "hola").await;
        let id = mine.conversation("51999").await;
        let handoff = house.hand_off(&mine, id).await;
        let message = mine.messages(id).await[0].clone();
        let saved = rule("x");
        mine.tenant.rules().save(&saved).await.unwrap();
        let new = NewApiKey::unlimited("k", vec![1], "p");
        let key = mine.tenant.api_keys().insert(new).await.unwrap();
        let theirs = &other.tenant;
        let missing = |what: &str, is: bool| assert!(is, "{what} is another tenant's");
        let line = mine.channel.id;
        let channels = theirs.channels();
        missing("channel", matches!(channels.get(line).await, Err(StoreError::NotFound)));
        missing("rename", matches!(channels.rename(line, "x").await, Err(StoreError::NotFound)));
        missing("remove", matches!(channels.remove(line).await, Err(StoreError::NotFound)));
        let sealed = Sealed(vec![]);
        let saved_key = channels.save_credentials(line, &sealed).await;
        missing("credentials", matches!(saved_key, Err(StoreError::NotFound)));
        let tuned = channels.save_settings(line, &ChannelSettings::default()).await;
        missing("settings", matches!(tuned, Err(StoreError::NotFound)));
        let health = channels.set_health(line, &ChannelHealth::Ok).await;
        missing("health", matches!(health, Err(StoreError::NotFound)));
        let removed = theirs.rules().remove(saved.id).await;
        missing("rule", matches!(removed, Err(StoreError::NotFound)));
        let revoked = theirs.api_keys().revoke(key.id).await;
        missing("key", matches!(revoked, Err(StoreError::NotFound)));
        let conversations = theirs.conversations();
        missing("conversation", matches!(conversations.get(id).await, Err(StoreError::NotFound)));
        let read = conversations.message(message.id).await;
        missing("message", matches!(read, Err(StoreError::NotFound)));
        let by = conversations.by_contact(line, "51999").await;
        missing("contact", matches!(by, Err(StoreError::NotFound)));
        missing("page", conversations.messages(id, None, 9).await.unwrap().is_empty());
        missing("rest", conversations.messages_after(id, 0, 9).await.unwrap().is_empty());
        missing("history", conversations.handoffs(id).await.unwrap().is_empty());
        let all = ConversationFilter::default();
        missing("list", conversations.list(&all, None, 9).await.unwrap().is_empty());
        let read = theirs.handoffs().get(handoff).await;
        missing("handoff", matches!(read, Err(StoreError::NotFound)));
        let seen = theirs.overview().await.unwrap();
        missing("overview", !seen.handoff && seen.open == 0 && seen.failed == 0);
        let read = theirs.files().get(FileId(Uuid::now_v7())).await;
        missing("file", matches!(read, Err(StoreError::NotFound)));
        let kept = house.texts("select headers from webhooks", vec![]).await;
        assert_eq!(kept.len(), 1);
        let webhook = WebhookId(message.id.0);
        missing("webhook", matches!(theirs.webhook(webhook).await, Err(StoreError::NotFound)));
        missing("last word", theirs.last_inbound(id).await.unwrap().is_none());
        missing("quote", theirs.words_of(&message, "m1").await.unwrap().is_none());
        missing("transcript", theirs.transcript(id, 9, 9).await.unwrap().is_empty());
        missing("dead", theirs.outbox().dead(None).await.unwrap().is_empty());
        missing("waiting", theirs.outbox().waiting().await.unwrap().is_empty());
        let errand = theirs.errand(id, None, Some(message.id)).await;
        missing("errand", matches!(errand, Err(StoreError::NotFound)));
        let mut lanes = 0;
        for lane in domain::outbound::Lane::ALL {
            let claim = theirs.claim(id, lane, Duration::from_secs(1)).await;
            lanes += usize::from(claim.is_ok());
        }
        missing("work", lanes == 0);
        // And what was not there was not touched either.
        assert!(mine.tenant.channels().get(line).await.is_ok());
        assert_eq!(mine.tenant.rules().list().await.unwrap().len(), 1);
        assert_eq!(mine.tenant.api_keys().list().await.unwrap().len(), 1);
    }

    async fn the_list_goes_on_where_it_stopped(house) {
        let company = house.company("uno").await;
        for n in 0..25 {
            if n % 3 == 0 {
                house.clock.advance(Duration::from_millis(1));
            }
            house.says(&company, &format!("c{n}"), &format!("m{n}"), "hola").await;
        }
        let conversations = company.tenant.conversations();
        let (mut seen, mut before) = (Vec::new(), None);
        loop {
            let page = conversations.list(&ConversationFilter::default(), before, 4).await.unwrap();
            let Some(last) = page.last() else { break };
            let conversation = &last.conversation;
            before = Some(adapters::store::Cursor { at: conversation.last_message_at, id: conversation.id });
            seen.extend(page.into_iter().map(|r| (r.conversation.last_message_at, r.conversation.id)));
        }
        assert_eq!(seen.len(), 25);
        assert!(seen.is_sorted_by(|a, b| a.0 >= b.0), "newest first");
        assert_eq!(seen.iter().collect::<HashSet<_>>().len(), 25, "each once");
        let id = company.conversation("c7").await;
        house.hand_off(&company, id).await;
        let human = ConversationFilter { phase: Some("human".into()), ..Default::default() };
        let open = conversations.list(&human, None, 9).await.unwrap();
        assert_eq!(open.iter().map(|r| r.conversation.id).collect::<Vec<_>>(), [id]);
        let failed = ConversationFilter { failed_only: true, ..Default::default() };
        assert!(conversations.list(&failed, None, 9).await.unwrap().is_empty());
    }

    async fn several_processes_may_migrate_at_once(house) {
        let migrating = (0..3).map(|_| house.store.migrate());
        for done in futures::future::join_all(migrating).await {
            done.unwrap();
        }
        assert_eq!(house.store.schema().await.unwrap(), Schema::default());
        house.store.ping().await.unwrap();
    }
}
