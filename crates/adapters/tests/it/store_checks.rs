//! How a connection fares, on both databases.

use crate::support::{new_channel, on_both_databases};
use domain::channel::ChannelKind;
use domain::ids::TenantId;
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

on_both_databases! {
    async fn the_last_diagnosis_takes_the_place_of_the_one_before(house) {
        let member = house.store.sign_up(crate::support::new_tenant("Café")).await.unwrap();
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
        let member = house.store.sign_up(crate::support::new_tenant("Café")).await.unwrap();
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
}
