//! What strangers can cause as often as they like.

use crate::house::{Flavour, Part};
use crate::ring::contact_of;
use crate::world::World;
use domain::channel::ChannelKind;
use futures::StreamExt;

const KIND: ChannelKind = ChannelKind::Telegram;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forged_webhooks_are_counted_and_said_once() {
    let world = World::start(Flavour::Embedded, &[KIND]).await;
    let (house, line) = (&world.house, world.line(KIND));
    let url = format!("{}/hooks/{}/{}", house.url(), KIND.name(), line.public_key);
    let forged = (0..400).map(|n| {
        let request = world
            .http()
            .post(&url)
            .body(format!("{{\"update_id\": {n}}}"));
        let request = request.header("x-telegram-bot-api-secret-token", "guessed");
        async move { request.send().await.unwrap().status().as_u16() }
    });
    let answers: Vec<u16> = futures::stream::iter(forged)
        .buffer_unordered(8)
        .collect()
        .await;
    assert!(answers.iter().all(|status| *status == 401), "{answers:?}");
    let log = house.log(Part::Web);
    let said = log
        .lines()
        .filter(|line| line.contains("could not be proven"));
    let said = said.count();
    // A second one where a minute has passed meanwhile.
    assert!((1..=2).contains(&said), "{said} lines");
    let page = world.http().get(format!("{}/metrics", house.url()));
    let page = page.send().await.unwrap().text().await.unwrap();
    let counted = page.lines().find(|line| {
        line.starts_with("relevo_webhooks{") && line.contains("forged") && line.contains("telegram")
    });
    assert!(
        counted.is_some_and(|line| line.ends_with(" 400")),
        "{counted:?}"
    );
    // Who is believed is heard.
    let phone = world.phone(KIND, contact_of(KIND));
    phone.says("¿cuál es el horario?");
    phone.sees("Abrimos de lunes a viernes").await;
}
