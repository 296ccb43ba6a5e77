//! Versions of the rules, their matches, and the recorded past, on both databases.

use crate::support::{House, on_both_databases};
use adapters::store::{Changed, StoreError};
use domain::handoff::HandoffOptions;
use domain::ids::{MemberId, RuleId};
use domain::message::Content;
use domain::routing::{Action, Condition, Rule, RuleChangeKind};
use std::time::Duration;
use uuid::Uuid;

fn rule(name: &str, action: Action) -> Rule {
    Rule {
        id: RuleId(Uuid::now_v7()),
        name: name.to_owned(),
        enabled: true,
        channels: Vec::new(),
        condition: Condition::Keywords {
            words: vec!["agente".into()],
        },
        action,
    }
}

fn hand_off(title: Option<&str>) -> Action {
    Action::HandOff {
        options: HandoffOptions {
            title: title.map(str::to_owned),
            ..HandoffOptions::default()
        },
        close: None,
    }
}

on_both_databases! {
    async fn every_change_of_the_rules_makes_a_version_that_can_be_restored(house) {
        let company = house.company("uno").await;
        let rules = company.tenant.rules();
        assert_eq!(rules.book().await.unwrap().version, 0);
        assert_eq!(rules.versions(None, 9).await.unwrap(), []);
        let who = MemberId(Uuid::now_v7());
        let by = Changed { by: Some((who, "Ana")), ..Changed::default() };
        let (a, b) = (rule("a", Action::Ignore), rule("b", Action::Ignore));
        for one in [&a, &b] {
            let put = |list: &mut Vec<Rule>| { list.push(one.clone()); Ok(()) };
            rules.change(by, put).await.unwrap();
        }
        let off = |list: &mut Vec<Rule>| { list[0].enabled = false; list.swap(0, 1); Ok(()) };
        assert_eq!(rules.change(by, off).await.unwrap(), 3);
        assert_eq!(rules.change(by, |_| Ok(())).await.unwrap(), 3, "nothing changed");
        let heads = rules.versions(None, 9).await.unwrap();
        let numbers: Vec<i64> = heads.iter().map(|head| head.number).collect();
        assert_eq!(numbers, [3, 2, 1]);
        assert_eq!(heads[0].by, "Ana");
        assert!(heads[0].changes.iter().any(|c| c.what == RuleChangeKind::SwitchedOff && c.name == "a"));
        assert_eq!(heads[1].changes[0].what, RuleChangeKind::Added);
        let old = rules.version_at(1).await.unwrap();
        assert_eq!(old.rules, std::slice::from_ref(&a));
        let changed = Changed { restored: Some(1), ..by };
        let replace = |list: &mut Vec<Rule>| { *list = old.rules.clone(); Ok(()) };
        assert_eq!(rules.change(changed, replace).await.unwrap(), 4);
        let newest = rules.versions(None, 1).await.unwrap().remove(0);
        assert_eq!((newest.number, newest.restored), (4, Some(1)));
        assert_eq!(rules.book().await.unwrap().rules(), [a]);
        let stranger = house.company("dos").await;
        let seen = stranger.tenant.rules().version_at(1).await;
        assert!(matches!(seen, Err(StoreError::NotFound)), "nobody sees another's versions");
    }

    async fn of_two_members_who_save_at_once_one_is_told(house) {
        let company = house.company("uno").await;
        let rules = company.tenant.rules();
        rules.save(&rule("a", Action::Ignore)).await.unwrap();
        let version = rules.book().await.unwrap().version;
        let save = |name: &'static str| {
            let changed = Changed { expected: Some(version), ..Changed::default() };
            let put = move |list: &mut Vec<Rule>| { list.push(rule(name, Action::Ignore)); Ok(()) };
            let rules = company.tenant.rules();
            async move { rules.change(changed, put).await }
        };
        let (one, two) = tokio::join!(save("b"), save("c"));
        let stale = [&one, &two].iter().filter(|r| matches!(r, Err(StoreError::Stale))).count();
        assert_eq!(stale, 1, "{one:?} {two:?}");
        assert_eq!(rules.list().await.unwrap().len(), 2);
        assert_eq!(rules.versions(None, 9).await.unwrap().len(), 2);
    }

    async fn matches_are_counted_in_all_and_in_the_last_seven_days(house) {
        let company = house.company("uno").await;
        let answer = rule("a", Action::Answer { text: "Hola {nombre}, de {empresa}".into() });
        company.tenant.rules().save(&answer).await.unwrap();
        house.says(&company, "ana", "m1", "agente").await;
        house.clock.advance(Duration::from_secs(8 * 86_400));
        house.says(&company, "ana", "m2", "agente").await;
        house.says(&company, "eva", "m3", "un agente").await;
        let row = company.tenant.rules().list().await.unwrap().remove(0);
        assert_eq!((row.matched, row.recent), (3, 2));
        house.check().await;
    }

    async fn variables_are_filled_in_where_the_contact_is_known(house) {
        let company = house.company("uno").await;
        let asks = rule("a", hand_off(Some("Por {canal}: {nombre}")));
        company.tenant.rules().save(&asks).await.unwrap();
        company.tune(|settings| {
            settings.policy.texts.requested = "Hola {nombre}, ya te atiende {empresa}.".into();
        }).await;
        let name = company.tenant.tenant().await.unwrap().name;
        house.says(&company, "ana", "m1", "un agente").await;
        let ana = company.conversation("ana").await;
        let told = company.messages(ana).await.into_iter().find_map(|message| match message.content {
            Content::Text { text } if text.starts_with("Hola") => Some(text),
            _ => None,
        });
        let told = told.unwrap();
        assert!(told.contains(&name) && !told.contains('{'), "{told}");
        let titles = house.texts("select options from handoffs", vec![]).await;
        assert!(titles[0].contains("Por WhatsApp") && !titles[0].contains("{nombre}"), "{titles:?}");
    }

    async fn the_past_comes_in_pages_with_its_handoffs(house) {
        let company = house.company("uno").await;
        company.tenant.rules().save(&rule("a", hand_off(None))).await.unwrap();
        for (key, words) in [("ana", "hola"), ("eva", "un agente"), ("luz", "buenas")] {
            house.says(&company, key, key, words).await;
            house.clock.advance(Duration::from_secs(60));
        }
        let past = company.tenant.past();
        let from = house.now().before(Duration::from_secs(3600));
        let (first, end) = past.page(from, None, 2, 10).await.unwrap();
        let (second, last) = past.page(from, end, 2, 10).await.unwrap();
        let (none, over) = past.page(from, last, 2, 10).await.unwrap();
        assert_eq!((first.len(), second.len(), none.len(), over), (2, 1, 0, None));
        let handed: Vec<_> = first.iter().chain(&second).filter(|p| !p.handoffs.is_empty()).collect();
        assert_eq!(handed.len(), 1);
        assert!(handed[0].messages.iter().any(|m| m.content == Content::text("un agente")));
        let stranger = house.company("dos").await;
        let (others, _) = stranger.tenant.past().page(from, None, 9, 9).await.unwrap();
        assert!(others.is_empty());
    }
}
