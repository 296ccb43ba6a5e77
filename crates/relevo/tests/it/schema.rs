//! Versions and schemas that do not belong together: the processes work, or say why they do not
//! start (F39).

use crate::desk::Desk;
use crate::house::{Flavour, House, Part};
use crate::ring::contact_of;
use crate::wait::PATIENCE;
use crate::world::World;
use domain::channel::ChannelKind;
use testkit::until;

const KIND: ChannelKind = ChannelKind::Telegram;

/// A migration that no version knows yet; as it does in life, it only adds.
const ADDED: [&str; 4] = [
    "alter table messages add column mood text",
    "alter table outbox add column weight bigint not null default 1",
    "create table moods (tenant_id UUID not null, id UUID not null, primary key (tenant_id, id))",
    "insert into seaql_migrations (version, applied_at) values ('m9001_moods', 1)",
];
/// One that takes away what this version may need.
const TAKEN: &str =
    "insert into seaql_migrations (version, applied_at) values ('m9002_moods_contract', 1)";
/// This version's last one, undone.
const LACKS: &str = "delete from seaql_migrations where version = 'm0015_room'";

async fn talk<'w>(world: &'w World, desk: Option<Desk<'w>>, word: &str) -> Desk<'w> {
    let phone = world.phone(KIND, contact_of(KIND));
    let desk = match desk {
        Some(desk) => desk,
        None => {
            phone.says("quiero hablar con una persona");
            let desk = world.desk(contact_of(KIND)).await;
            desk.joins();
            desk
        }
    };
    phone.says(&format!("pregunta {word}"));
    desk.hears(&format!("pregunta {word}")).await;
    desk.says(&format!("respuesta {word}"));
    phone.sees(&format!("respuesta {word}")).await;
    desk
}

/// What a command says; it must end so, and by itself.
async fn says(house: &House, command: &str, well: bool) -> String {
    let patience = std::time::Duration::from_secs(60);
    let done = tokio::time::timeout(patience, house.command(&[command])).await;
    let done = done.unwrap_or_else(|_| panic!("{command} neither refuses nor ends"));
    let said = [done.stdout, done.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert_eq!(done.status.success(), well, "{command}: {said}");
    said
}

/// All that starts refuses, with these words.
async fn refused(house: &House, commands: &[&str], words: &str) {
    for command in commands {
        let said = says(house, command, false).await;
        assert!(said.contains(words), "{command}: {said}");
    }
}

async fn ready(world: &World) -> (u16, String) {
    let url = format!("{}/readyz", world.house.url());
    let answer = world.http().get(url).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f39_a_version_works_on_after_a_newer_one_has_added_to_the_schema() {
    let world = World::start(Flavour::Production, &[KIND]).await;
    let desk = talk(&world, None, "antes").await;
    for statement in ADDED {
        world.sql(statement).await;
    }
    // Those that run stay ready: else an upgrade would take all of them away at once.
    until(PATIENCE, || async { ready(&world).await.0 == 200 }).await;
    let desk = talk(&world, Some(desk), "durante").await;
    for part in [Part::Worker, Part::Web] {
        world.house.stop(part).await;
        world.house.start(part).await;
    }
    world.listening().await;
    talk(&world, Some(desk), "después").await;
    world.balances().await;
    says(&world.house, "migrate", true).await;
    let said = says(&world.house, "doctor", true).await;
    assert!(said.contains("a newer version has added to the database (m9001_moods)"));

    // One that takes something away ends the truce: who runs is not ready, nobody starts.
    world.sql(TAKEN).await;
    let (status, parts) = ready(&world).await;
    assert_eq!(status, 503);
    assert!(parts.contains("migrations missing"), "{parts}");
    let why = "m9002_moods_contract) so that this one cannot work on it";
    let all = ["web", "worker", "all", "migrate", "doctor"];
    refused(&world.house, &all, why).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f39_the_embedded_default_goes_back_to_a_version_before() {
    let world = World::start(Flavour::Embedded, &[KIND]).await;
    let desk = talk(&world, None, "antes").await;
    world.house.stop(Part::Web).await;
    for statement in ADDED {
        world.sql(statement).await;
    }
    world.house.start(Part::Web).await;
    world.listening().await;
    talk(&world, Some(desk), "después").await;
    world.balances().await;
    world.house.stop(Part::Web).await;
    world.sql(TAKEN).await;
    refused(&world.house, &["all"], "cannot work on it").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f39_a_version_that_lacks_a_migration_says_so_and_leaves_a_parted_schema_alone() {
    let world = World::start(Flavour::Production, &[KIND]).await;
    for part in [Part::Worker, Part::Web] {
        world.house.stop(part).await;
    }
    world.sql(LACKS).await;
    let servers = ["web", "worker", "doctor"];
    let why = "1 migrations wait: run `relevo migrate` first";
    refused(&world.house, &servers, why).await;
    // Two versions of which neither came after the other.
    for statement in ADDED {
        world.sql(statement).await;
    }
    let all = ["web", "worker", "all", "migrate", "doctor"];
    refused(&world.house, &all, "start a version that knows both").await;
    assert_eq!(world.sql(LACKS).await, 0, "something was migrated");
}
