//! Files that a contact gets as a link, because the platform does not play them.

use crate::house::Flavour;
use crate::phone::sample;
use crate::world::World;
use domain::channel::ChannelKind;

/// Nothing of the media lane is ever due: what is sent must not count on it.
const NO_MEDIA: &str = "create trigger no_media after insert on outbox when new.lane = 4
    begin update outbox set next_at = 9000000000000000 where id = new.id; end";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_to_an_agents_file_can_be_opened_as_soon_as_the_contact_has_it() {
    let kind = ChannelKind::Instagram;
    let world = World::start(Flavour::Embedded, &[kind]).await;
    let (phone, desk) = world.talking(kind).await;
    world.sql(NO_MEDIA).await;
    // Instagram plays no ogg; Let's Talk has no name for it.
    let voice = sample("voz.ogg").load("voz.ogg").unwrap();
    desk.attaches("voz.ogg", "application/octet-stream", voice.bytes.to_vec());
    let words = phone.sees("voz.ogg").await.content.text;
    let words = words.unwrap_or_default();
    let link = words.split_whitespace().find(|word| word.contains("/f/"));
    let link = link.unwrap_or_else(|| panic!("no link in {words}"));
    let answer = world.http().get(link).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{link}");
    assert_eq!(answer.bytes().await.unwrap(), voice.bytes);
}
