//! The embedded default on a disk that is full for a while (F16).

use crate::house::{Flavour, House};
use crate::wait::soon;
use crate::world::World;
use domain::channel::ChannelKind;
use sandbox::ledger::Service;
use sandbox::{Sandbox, SandboxPorts};
use serde_json::Value;
use testkit::{Disk, Mood};

const KIND: ChannelKind = ChannelKind::Telegram;

/// Webhooks that were answered so.
fn answered(world: &World, status: u64) -> usize {
    let ledger = &world.sandbox.core.ledger;
    let rows = ledger.rows(Service::Webhook, 0, usize::MAX);
    let of = |raw: &str| serde_json::from_str::<Value>(raw).unwrap_or_default()["status"].as_u64();
    let such = rows.iter().filter(|row| of(row.raw.get()) == Some(status));
    such.count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f16_with_a_full_disk_under_sqlite_nothing_is_promised_and_nothing_is_lost() {
    let sandbox = Sandbox::start(SandboxPorts::default()).await.unwrap();
    let mut house = House::build(Flavour::Embedded, &sandbox.urls).await;
    let disk = Disk::new().unwrap();
    house.environment = disk.environment(&house.database_file());
    let world = World::inside(house, sandbox, &[KIND], |_| {}).await;
    let (phone, desk) = world.talking(KIND).await;

    disk.becomes(Mood::Full).unwrap();
    let words: Vec<String> = (0..30).map(|n| format!("contacto {n:02}")).collect();
    words.iter().for_each(|word| drop(phone.says(word)));
    let refused = || (answered(&world, 503) >= 3).then_some(());
    soon("refused webhooks", refused, || {
        let (fine, refused) = (answered(&world, 200), answered(&world, 503));
        format!(
            "{fine} taken, {refused} refused, {} strikes",
            disk.strikes()
        )
    })
    .await;
    assert!(disk.strikes() > 0);
    let said: Vec<String> = (0..5).map(|n| format!("agente {n}")).collect();
    said.iter().for_each(|word| desk.says(word));

    disk.becomes(Mood::Well).unwrap();
    desk.hears(words.last().unwrap()).await;
    phone.sees(said.last().unwrap()).await;
    assert_eq!(desk.texts()[1..], words);
    let mut heard = phone.texts();
    heard.retain(|text| text.starts_with("agente"));
    // What was under way on Telegram when the result could not be stored may come twice.
    heard.dedup();
    assert_eq!(heard, said);
    world.balances().await;
}
