//! The power fails under the embedded default: SQLite's disk, and that of the files, forgets what
//! was not synced (F40).

use crate::house::{Flavour, House, Part};
use crate::load::{Load, reached};
use crate::phone::sample;
use crate::ring::contact_of;
use crate::world::World;
use domain::channel::ChannelKind;
use sandbox::{Sandbox, SandboxPorts};
use std::path::Path;
use testkit::{Kept, Power};

const KINDS: [ChannelKind; 3] = [
    ChannelKind::Telegram,
    ChannelKind::WhatsApp,
    ChannelKind::Messenger,
];

/// A company whose house stands on a disk that can forget, from here on.
async fn upon(power: &Power, kinds: &[ChannelKind], more: &[(&str, &str)]) -> World {
    let sandbox = Sandbox::start(SandboxPorts::default()).await.unwrap();
    let house = House::build(Flavour::Embedded, &sandbox.urls).await;
    let mut world = World::inside(house, sandbox, kinds, |_| {}).await;
    world.house.stop(Part::Web).await;
    power.begins(world.house.folder()).unwrap();
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    world.house.environment = power.environment(world.house.folder());
    world.house.environment.extend(more.iter().map(own));
    world.house.start(Part::Web).await;
    world.listening().await;
    world
}

/// The machine dies, and its disk with it, as far as it was not synced; both come back.
async fn dies(world: &World, power: &Power, kept: Kept) -> u64 {
    world.house.kill(Part::Web);
    let lost = power.fails(world.house.folder(), kept).unwrap();
    world.house.start(Part::Web).await;
    lost
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f40_what_was_acknowledged_survives_the_loss_of_everything_that_was_not_synced() {
    let power = Power::new().unwrap();
    let world = upon(&power, &KINDS, &[]).await;
    let load = Load {
        contacts: 6,
        each: 25,
    };
    let mut lost = 0;
    let outcome = load
        .run(&world, async |progress| {
            let some = Kept::Some(40);
            let cuts = [(50, Kept::Nothing), (110, some), (170, Kept::Nothing)];
            for (count, kept) in cuts.into_iter().chain([(230, some)]) {
                reached(&progress, count).await;
                lost += dies(&world, &power, kept).await;
            }
        })
        .await;
    println!("f40: {lost} bytes that nobody had been promised were lost");
    assert!(lost > 0, "the disk forgot nothing");
    // Telegram leaves no trace by which a message that may have arrived could be found.
    assert!(outcome.repeated_on_telegram <= 15, "{outcome:?}");
    assert_eq!(outcome.repeated_elsewhere, 0, "{outcome:?}");
}

/// The files below a folder.
fn files(folder: &Path) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => all.extend(files(&path)),
            false => all.push(std::fs::read(path).unwrap()),
        }
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f40_a_file_that_reached_its_reader_is_kept_with_every_folder_above_it() {
    let kind = ChannelKind::WhatsApp;
    let power = Power::new().unwrap();
    let world = upon(&power, &[kind], &[]).await;
    let phone = world.phone(kind, contact_of(kind));
    phone.says("quiero hablar con una persona");
    let desk = world.desk(contact_of(kind)).await;
    desk.joins();
    let picture = sample("imagen.png").load("imagen.png").unwrap().bytes;
    desk.attaches("plano.png", "image/png", picture.to_vec());
    phone
        .sees_file(&crate::phone::sample_hash("imagen.png"))
        .await;
    dies(&world, &power, Kept::Nothing).await;
    let kept = files(&world.house.folder().join("files"));
    assert!(kept.iter().any(|file| *file == picture), "{}", kept.len());
}

/// The same on a disk that lies about its syncs: what was acknowledged is gone, so that the
/// others could have failed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f40_a_disk_that_lies_about_its_syncs_does_lose_what_was_acknowledged() {
    let kind = ChannelKind::Telegram;
    let power = Power::new().unwrap();
    let world = upon(&power, &[kind], &[("POWER_DEAF", "1")]).await;
    let phone = world.phone(kind, contact_of(kind));
    phone.says("¿cuál es el horario?");
    phone.sees("Abrimos de lunes a viernes").await;
    let there = "update messages set content = content where content like '%horario%'";
    let before = world.sql(there).await;
    dies(&world, &power, Kept::Nothing).await;
    assert_eq!((before > 0, world.sql(there).await), (true, 0));
}
