//! What happens when nobody does anything. The timers are minutes long, so a test makes them due.

use crate::house::Flavour;
use crate::ring::contact_of;
use crate::world::World;
use domain::channel::ChannelKind;
use sandbox::letstalk::Status;

const KIND: ChannelKind = ChannelKind::Telegram;
const DUE: &str = "update timers set due_at = 1";

macro_rules! in_both_flavours {
    ($($test:ident: $embedded:ident, $production:ident;)*) => {
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $embedded() {
            $test(Flavour::Embedded).await;
        }

        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $production() {
            $test(Flavour::Production).await;
        })*
    };
}

in_both_flavours! {
    nobody_comes:
        a_contact_for_whom_nobody_comes_is_told_and_goes_back_to_the_bot,
        a_contact_for_whom_nobody_comes_is_told_and_goes_back_to_the_bot_in_production;
    silence:
        a_contact_who_falls_silent_is_told_and_goes_back_to_the_bot,
        a_contact_who_falls_silent_is_told_and_goes_back_to_the_bot_in_production;
}

async fn nobody_comes(flavour: Flavour) {
    let world = World::start(flavour, &[KIND]).await;
    let phone = world.phone(KIND, contact_of(KIND));
    phone.says("quiero hablar con una persona");
    phone.sees("Te comunico con una persona").await;
    let desk = world.desk(contact_of(KIND)).await;
    assert_eq!(world.sql(DUE).await, 1);
    phone.sees("no hay nadie disponible").await;
    let ended = world.bot_hears("handoff.ended", 1).await;
    assert_eq!(
        ended[0]["data"]["handoff"]["end_reason"], "no_agent_timeout",
        "{ended:#?}"
    );
    phone.says("¿cuál es el horario?");
    phone.sees("Abrimos de lunes a viernes").await;
    desk.becomes(Status::Closed).await;
}

async fn silence(flavour: Flavour) {
    let world = World::with(flavour, &[KIND], |policy| {
        policy.timeouts.user_silent_minutes = 5;
    })
    .await;
    let phone = world.phone(KIND, contact_of(KIND));
    phone.says("quiero hablar con una persona");
    let desk = world.desk(contact_of(KIND)).await;
    desk.joins();
    desk.says("¿Sigues ahí?");
    phone.sees("¿Sigues ahí?").await;
    world.sql(DUE).await;
    phone.sees("Cerramos la conversación").await;
    let ended = world.bot_hears("handoff.ended", 1).await;
    assert_eq!(
        ended[0]["data"]["handoff"]["end_reason"], "user_inactive",
        "{ended:#?}"
    );
    phone.says("¿cuál es el horario?");
    phone.sees("Abrimos de lunes a viernes").await;
    desk.becomes(Status::Closed).await;
}
