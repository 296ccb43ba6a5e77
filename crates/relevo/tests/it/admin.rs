//! What the host does on the command line.

use crate::house::Flavour;
use crate::world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_who_forgot_the_password_gets_a_link_without_mail() {
    let world = World::start(Flavour::Embedded, &[]).await;
    let made = world
        .house
        .command(&["admin", "reset-link", &world.company.email])
        .await;
    let link = String::from_utf8(made.stdout).unwrap().trim().to_owned();
    assert!(made.status.success());
    assert!(
        link.starts_with(&format!("{}/reset/", world.house.url())),
        "{link}"
    );
    let page = world.http().get(&link).send().await.unwrap();
    assert_eq!(page.status(), 200);

    // A newer link ends the one before.
    let made = world
        .house
        .command(&["admin", "reset-link", &world.company.email])
        .await;
    let newer = String::from_utf8(made.stdout).unwrap().trim().to_owned();
    assert_ne!(link, newer);
    assert_eq!(world.http().get(&link).send().await.unwrap().status(), 410);
    assert_eq!(world.http().get(&newer).send().await.unwrap().status(), 200);

    let nobody = world
        .house
        .command(&["admin", "reset-link", "nadie@norte.test"])
        .await;
    assert!(!nobody.status.success());
    let why = String::from_utf8(nobody.stderr).unwrap();
    assert!(
        why.contains("nobody logs in with nadie@norte.test"),
        "{why}"
    );
    assert!(nobody.stdout.is_empty());
}
