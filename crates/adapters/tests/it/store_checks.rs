//! How a connection fares, on both databases.

use crate::support::{House, new_channel, new_tenant, on_both_databases};
use adapters::store::news_of;
use domain::channel::ChannelKind;
use domain::contact::{ContactAddress, ContactProfile};
use domain::ids::TenantId;
use domain::outbound::{Failure, Lane, SendError, Task};
use domain::ports::{ChannelEvent, Inbound, QUIET_NEWS};
use domain::time::Timestamp;
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

on_both_databases! {
    async fn the_last_diagnosis_takes_the_place_of_the_one_before(house) {
        let member = house.store.sign_up(new_tenant("Café")).await.unwrap();
        let checks = house.store.tenant(member.tenant).checks();
        assert!(checks.last("desk").await.unwrap().is_none());
        let now = house.now();
        checks.keep("desk", &json!([1]), now).await.unwrap();
        let later = now.after(Duration::from_secs(5));
        checks.keep("desk", &json!([{"detail": "<script>'\"\u{0}"}]), later).await.unwrap();
        let (report, at) = checks.last("desk").await.unwrap().unwrap();
        assert_eq!(at, later);
        assert!(report[0]["detail"].as_str().unwrap().starts_with("<script>'\""));
        let stranger = house.store.tenant(TenantId(Uuid::now_v7()));
        assert!(stranger.checks().last("desk").await.unwrap().is_none());
    }

    async fn a_line_without_traffic_has_nothing_to_tell(house) {
        let member = house.store.sign_up(new_tenant("Café")).await.unwrap();
        let tenant = house.store.tenant(member.tenant);
        let line = tenant.channels().insert(new_channel(ChannelKind::Telegram, "1")).await.unwrap();
        let checks = tenant.checks();
        let traffic = checks.traffic(line.id, house.now()).await.unwrap();
        assert_eq!((traffic.sent, traffic.failed, traffic.last_inbound), (0, 0, None));
        assert!(checks.stuck_on(line.id).await.unwrap().is_empty());
        assert!(checks.stuck_at_desk().await.unwrap().is_empty());
        let trouble = checks.stream_trouble(house.now()).await.unwrap();
        assert_eq!((trouble.unmatched, trouble.unreadable), (0, 0));
        let lines = house.store.lines_of(ChannelKind::Telegram).await.unwrap();
        assert!(lines.iter().any(|l| l.id == line.id));
    }

    async fn what_waits_and_what_was_given_up_is_told_with_its_reason(house) {
        let company = house.company("uno").await;
        house.says(&company, "51999", "m1", "hola").await;
        house.says(&company, "51888", "m2", "hola").await;
        let channels = house.store.tenant(company.id()).channels().list().await.unwrap();
        let line = channels[0].id;
        let checks = house.store.tenant(company.id()).checks();
        let traffic = checks.traffic(line, house.now()).await.unwrap();
        assert!(traffic.last_inbound.is_some());
        let waiting = checks.stuck_on(line).await.unwrap();
        assert_eq!((waiting.len(), waiting[0].rows, waiting[0].lane), (1, 2, Lane::Bot));
        assert!(!waiting[0].given_up && waiting[0].error.is_none());
        let id = company.conversation("51999").await;
        let claim = house.head(&company, id, Lane::Bot).await;
        let error = SendError::clear(Failure::Payload, "no <b>quiso</b>").with_code("502");
        house.dead(claim, error).await;
        let all = checks.stuck_on(line).await.unwrap();
        let dead = all.iter().find(|s| s.given_up).unwrap();
        assert_eq!((dead.rows, dead.code.as_deref()), (1, Some("502")));
        assert_eq!(dead.error.as_deref(), Some("no <b>quiso</b>"));
        let neighbour = house.company("dos").await;
        let theirs = house.store.tenant(neighbour.id()).checks();
        assert!(theirs.stuck_on(line).await.unwrap().is_empty(), "another company's rows");
    }

    async fn the_name_is_asked_for_with_the_first_word_only(house) {
        let company = house.company_on("uno", ChannelKind::Messenger).await;
        house.says(&company, "51999", "m1", "hola").await;
        house.says(&company, "51999", "m2", "¿hay alguien?").await;
        let id = company.conversation("51999").await;
        let media = house.waiting(&company, id, Lane::Media).await;
        assert_eq!(media, [Task::LearnName {}]);
    }

    async fn the_latest_news_about_the_account_are_kept_and_quiet_ones_are_not(house) {
        let company = house.company("uno").await;
        let news = |key: &str, code: &str, at: i64| Inbound {
            contact: None,
            profile: ContactProfile::default(),
            at: Timestamp(at),
            event: ChannelEvent::Account {
                code: code.to_owned(),
                detail: "<b>\u{0}".to_owned(),
            },
            ..company.text("51999", key, "hola")
        };
        let hook = company.hook(vec![
            news("n1", "account_update", 2_000),
            news("n2", "account_alerts", 1_000),
            news("n3", QUIET_NEWS, 3_000),
        ]);
        house.webhook(hook).await;
        let tenant = house.store.tenant(company.id());
        let line = tenant.channels().list().await.unwrap()[0].id;
        let (report, at) = tenant.checks().last(&news_of(line)).await.unwrap().unwrap();
        assert_eq!((report["code"].as_str(), at), (Some("account_update"), Timestamp(2_000)));
        let nobody = ContactAddress::of("51999");
        let row = tenant.conversations().by_contact(line, &nobody.key).await;
        assert!(row.is_err(), "news make no conversation");
    }
}
