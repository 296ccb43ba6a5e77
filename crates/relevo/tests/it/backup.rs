//! Everything is lost but a backup.

use crate::house::{Flavour, Part};
use crate::phone::{sample, sample_hash};
use crate::world::World;
use domain::channel::ChannelKind;
use sandbox::fault::{Action, FaultRule, FaultService};
use sandbox::ledger::Service;
use std::path::Path;

const CONTACT: &str = "5491155500042";

/// How often a text begins so.
fn times(texts: &[String], piece: &str) -> usize {
    texts.iter().filter(|text| text.contains(piece)).count()
}

fn copy(from: &Path, to: &Path) {
    let done = std::process::Command::new("cp")
        .arg("-a")
        .args([from, to])
        .status();
    assert!(done.unwrap().success());
}

fn holds_a_file(folder: &Path) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        path.is_file() || holds_a_file(&path)
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_accepted_before_the_backup_arrives_once_after_everything_was_lost() {
    let kind = ChannelKind::WhatsApp;
    let world = World::start(Flavour::Production, &[kind]).await;
    let house = &world.house;
    let database = house.database.as_ref().unwrap();
    let phone = world.phone(kind, CONTACT);
    phone.says("quiero hablar con una persona");
    let desk = world.desk(CONTACT).await;
    desk.joins();
    desk.says("Hola, soy Eva");
    phone.sees("Hola, soy Eva").await;
    let picture = sample("imagen.png").load("imagen.png").unwrap();
    desk.attaches("plano.png", "image/png", picture.bytes.to_vec());
    phone.sees_file(&sample_hash("imagen.png")).await;
    world.balances().await;

    // Under way when the backup is made: Let's Talk takes nothing for a while.
    let faults = &world.sandbox.core.faults;
    let away = Action::Status {
        status: 503,
        headers: Default::default(),
        body: String::new(),
        pad_to: 0,
        after: false,
    };
    let rule = FaultRule::new(FaultService::LetsTalk, away);
    faults.add(rule.method("POST").path("/messages"));
    for n in 0..5 {
        let id = phone.says(&format!("en camino {n}"));
        phone.taken(&id).await;
    }
    let kept = tempfile::tempdir().unwrap();
    let file = kept.path().join("relevo.dump");
    database.dump(&file).unwrap();
    copy(&house.folder().join("files"), kept.path());

    // It all arrives, and more is said, before everything is lost.
    faults.clear();
    desk.hears("en camino 4").await;
    phone.says("dicho después");
    desk.hears("dicho después").await;
    world.balances().await;
    for part in [Part::Web, Part::Worker] {
        house.kill(part);
    }
    database.lose().await.unwrap();
    std::fs::remove_dir_all(house.folder().join("files")).unwrap();
    let redis = redis::Client::open(house.redis.as_ref().unwrap().url()).unwrap();
    let _: () = redis::cmd("FLUSHALL")
        .query(&mut redis.get_connection().unwrap())
        .unwrap();

    database.restore(&file).unwrap();
    copy(&kept.path().join("files"), house.folder());
    assert!(holds_a_file(&house.folder().join("files")));
    let told = house.command(&["admin", "restored"]).await;
    let told = String::from_utf8(told.stdout).unwrap();
    assert!(
        told.contains(" messages wait and will be looked for"),
        "{told}"
    );
    house.open().await;
    world.listening().await;

    // Life goes on in the same conversation.
    phone.says("¿siguen ahí?");
    desk.hears("¿siguen ahí?").await;
    desk.says("Aquí seguimos");
    phone.sees("Aquí seguimos").await;
    world.balances().await;
    let heard = desk.texts();
    for n in 0..5 {
        assert_eq!(times(&heard, &format!("en camino {n}")), 1, "{heard:#?}");
    }
    assert_eq!(times(&heard, "dicho después"), 1, "{heard:#?}");
    assert_eq!(times(&phone.texts(), "Hola, soy Eva"), 1);
    let ledger = &world.sandbox.core.ledger;
    assert_eq!(ledger.count(Service::LetsTalk, "duplicate_remote_id"), 0);
    let letstalk = &world.sandbox.services.letstalk;
    assert_eq!(
        letstalk.conversation_ids(world.company.organization).len(),
        1
    );
}
