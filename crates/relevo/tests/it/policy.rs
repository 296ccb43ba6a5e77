//! What a company decides about its handoffs holds at both ends of them.

use crate::house::Flavour;
use crate::ring::contact_of;
use crate::wait::soon;
use crate::world::World;
use domain::channel::ChannelKind;
use domain::handoff::BotStandby;
use sandbox::bot::Event;

const KIND: ChannelKind = ChannelKind::Telegram;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_agent_gets_and_the_contact_reads_what_the_policy_says() {
    let world = World::with(Flavour::Embedded, &[KIND], |policy| {
        policy.transcript_messages = 2;
        policy.client_email = "{tenant}.{channel}.{contact}@clientes.test".to_owned();
        policy.agent_name_prefix = true;
        policy.texts.agent_joined = "Ya llegó {agente}".to_owned();
        policy.close.goodbye = true;
        policy.texts.goodbye = "Fue un gusto".to_owned();
        policy.bot_standby = BotStandby::Listens;
    })
    .await;
    let letstalk = &world.sandbox.services.letstalk;
    let phone = world.phone(KIND, contact_of(KIND));
    phone.says("¿cuál es el horario?");
    phone.sees("Abrimos de lunes a viernes").await;
    phone.says("hola");
    phone.sees("Soy el asistente").await;
    phone.says("quiero hablar con una persona");

    let desk = world.desk(contact_of(KIND)).await;
    let client = letstalk.person(desk.now().client).unwrap();
    let slug = world.parts.store.tenant(world.company.tenant);
    let slug = slug.tenant().await.unwrap().slug;
    let email = format!("{slug}.telegram.{}@clientes.test", contact_of(KIND));
    assert_eq!(client.email, email);
    let opening = desk.texts()[0].clone();
    assert!(opening.contains("quiero hablar"), "{opening}");
    assert!(
        !opening.contains("horario"),
        "only the last two:\n{opening}"
    );

    let agent = letstalk.person(world.company.agent).unwrap().name;
    desk.joins();
    phone.sees(&format!("Ya llegó {agent}")).await;
    desk.says("Cuéntame");
    let seen = phone.sees("Cuéntame").await.content.summary();
    assert!(seen.contains(&agent), "under their name: {seen}");

    // The bot listens, and what it answers reaches nobody.
    phone.says("zapatos azules talla cuarenta");
    desk.hears("zapatos azules").await;
    let bot = &world.sandbox.services.bot;
    let heard = || {
        let all = bot.events(0);
        let at = all
            .iter()
            .any(|e| e.body.to_string().contains("zapatos azules"));
        // Its answer comes after that, and would pass once the bot has control again: it is the second
        // that is refused, after the one to the wish for a person, which it heard as well.
        let refused = |e: &&Event| e.kind == "answer_refused";
        let refused = all.iter().filter(refused);
        let lost = |e: &&Event| e.body.to_string().contains("no te entendí");
        let answer = refused.filter(lost).count() >= 2;
        (at && answer).then_some(())
    };
    soon(
        "the contact's words at the bot, and its answer refused",
        heard,
        || format!("{:#?}", bot.events(0)),
    )
    .await;
    desk.closes();
    phone.sees("Fue un gusto").await;
    phone.says("¿cuál es el horario?");
    let answers = || {
        let all = phone.texts();
        let times = all
            .iter()
            .filter(|t| t.contains("Abrimos de lunes"))
            .count();
        (times >= 2).then_some(())
    };
    soon("the bot's second answer", answers, || {
        format!("{:#?}", phone.texts())
    })
    .await;
    assert!(
        !phone.texts().iter().any(|t| t.contains("no te entendí")),
        "{:?}",
        phone.texts()
    );
    world.balances().await;
}
