//! What a tenant decides about its handoffs, and what comes of it, on both databases.

use crate::support::{Company, Desk, House, on_both_databases};
use adapters::ingest::{BotMessage, OpenedDesk, Stored, Submission};
use domain::channel::ChannelKind;
use domain::contact::ContactAddress;
use domain::handoff::{BotStandby, Phase, RatingPolicy};
use domain::ids::{ConversationId, HandoffId};
use domain::message::Content;
use domain::outbound::{Failure, Lane, SendError, Task};
use std::time::Duration;

const DESK: Desk = Desk { conversation: 500 };

async fn opened(house: &House, company: &Company, id: ConversationId, handoff: HandoffId) {
    let claim = house.head(company, id, Lane::Desk).await;
    let opened = Some(OpenedDesk {
        handoff,
        desk_conversation: DESK.conversation,
    });
    let stored = Stored {
        opened,
        ..Stored::default()
    };
    house.done(claim, stored).await;
}

/// The bot speaks through the gate.
async fn bot_says(house: &House, company: &Company, key: &str, content: Content) {
    let said = BotMessage {
        tenant: company.id(),
        channel: company.channel.id,
        to: ContactAddress::of(key),
        content: Some(content),
        already_said: false,
    };
    house.submit(Submission::BotSays(said)).await.unwrap();
}

/// The words of ours in a conversation, oldest first.
async fn ours(company: &Company, id: ConversationId) -> Vec<String> {
    let said = company.said(id).await;
    let ours = said.iter().filter_map(|line| line.strip_prefix("system: "));
    ours.map(str::to_owned).collect()
}

on_both_databases! {
    async fn the_tenants_own_words_are_said_at_their_moment(house) {
        let company = house.company("uno").await;
        company.tune(|s| {
            s.policy.texts.requested = "{nombre}, ya te comunico".into();
            s.policy.texts.agent_joined = "Te atiende {agente}".into();
            s.policy.texts.agent_unnamed = "alguien del equipo".into();
            s.policy.texts.goodbye = "Chao".into();
            s.policy.texts.error = "No se pudo".into();
            s.policy.close.goodbye = true;
            s.policy.end_words = vec!["Listo, gracias".into()];
        }).await;
        house.says(&company, "ana", "m1", "hola").await;
        let ana = company.conversation("ana").await;
        let first = house.hand_off(&company, ana).await;
        opened(house, &company, ana, first).await;
        house.desk(&company, vec![DESK.joined(41, 1), DESK.closed(2)]).await;
        let said = ours(&company, ana).await;
        assert_eq!(said, ["Ya te comunico", "Te atiende Rosa", "Chao"]);

        let second = house.hand_off(&company, ana).await;
        let claim = house.head(&company, ana, Lane::Desk).await;
        house.dead(claim, SendError::clear(Failure::Payload, "no such organization")).await;
        assert_eq!(ours(&company, ana).await.last().unwrap(), "No se pudo");
        assert!(company.handoff(second).await.ended_at.is_some());

        let third = house.hand_off(&company, ana).await;
        house.says(&company, "ana", "m2", "¡LISTO, GRACIAS!").await;
        assert!(company.handoff(third).await.ended_at.is_some(), "the contact ended it");
        assert!(matches!(company.phase(ana).await, Phase::Bot { .. }));
        house.check().await;
    }

    async fn a_bot_that_waits_hears_nothing_while_people_attend(house) {
        let company = house.company("uno").await;
        house.says(&company, "ana", "m1", "hola").await;
        let ana = company.conversation("ana").await;
        let handoff = house.hand_off(&company, ana).await;
        opened(house, &company, ana, handoff).await;
        house.says(&company, "ana", "m2", "sigo aquí").await;
        house.desk(&company, vec![DESK.agent(901, 1, "hola"), DESK.closed(2)]).await;
        house.says(&company, "ana", "m3", "de vuelta").await;
        assert_eq!(company.for_bot(house, ana).await, ["whole /m1", "whole /m3"]);
        house.check().await;
    }

    async fn a_bot_that_listens_hears_each_word_once_and_is_not_heard(house) {
        let company = house.company("uno").await;
        company.tune(|s| s.policy.bot_standby = BotStandby::Listens).await;
        house.says(&company, "ana", "m1", "hola").await;
        let ana = company.conversation("ana").await;
        let handoff = house.hand_off(&company, ana).await;
        house.says(&company, "ana", "m2", "antes de abrir").await;
        opened(house, &company, ana, handoff).await;
        house.says(&company, "ana", "m3", "sigo aquí").await;
        let to_desk = house.waiting(&company, ana, Lane::Desk).await;
        let posts = to_desk.iter().filter(|t| matches!(t, Task::PostToDesk { .. })).count();
        assert_eq!(posts, 2, "people hear it as ever");
        house.desk(&company, vec![DESK.agent(901, 1, "hola"), DESK.closed(2)]).await;
        house.says(&company, "ana", "m4", "de vuelta").await;
        let heard = ["whole /m1", "whole /m2", "whole /m3", "whole /m4"];
        assert_eq!(company.for_bot(house, ana).await, heard);

        // A desk that never opens gives nothing back that was heard already.
        house.clock.advance(Duration::from_secs(60));
        for _ in 0..to_desk.len() {
            let claim = house.head(&company, ana, Lane::Desk).await;
            house.done(claim, Stored::default()).await;
        }
        house.hand_off(&company, ana).await;
        house.says(&company, "ana", "m5", "¿hay alguien?").await;
        let claim = house.head(&company, ana, Lane::Desk).await;
        house.dead(claim, SendError::clear(Failure::Payload, "no such organization")).await;
        assert_eq!(company.for_bot(house, ana).await.len(), 5);
        assert_eq!(company.for_bot(house, ana).await.last().unwrap(), "whole /m5");
        assert!(house.waiting(&company, ana, Lane::Desk).await.is_empty());
        house.check().await;
    }

    async fn a_number_after_the_bots_menu_is_for_the_bot_on_every_platform(house) {
        for (name, kind) in [("uno", ChannelKind::WhatsApp), ("dos", ChannelKind::Telegram)] {
            let company = house.company_on(name, kind).await;
            company.tune(|s| s.policy.close.rating = Some(RatingPolicy::default())).await;
            house.says(&company, "ana", "m1", "hola").await;
            let ana = company.conversation("ana").await;
            let desk = Desk { conversation: if name == "uno" { 500 } else { 501 } };
            let asked = |handoff, first: i64| {
                let (company, desk) = (company.clone(), &desk);
                async move {
                    let claim = house.head(&company, ana, Lane::Desk).await;
                    let opened = Some(OpenedDesk { handoff, desk_conversation: desk.conversation });
                    house.done(claim, Stored { opened, ..Stored::default() }).await;
                    let tick = u64::try_from(first).unwrap();
                    house.desk(&company, vec![desk.agent(first, tick, "listo"), desk.closed(tick + 1)]).await;
                }
            };
            let first = house.hand_off(&company, ana).await;
            asked(first, 901).await;
            bot_says(house, &company, "ana", Content::text("Elige:\n1. Ventas\n2. Soporte")).await;
            house.says(&company, "ana", "m2", "2").await;
            assert_eq!(company.handoff(first).await.rating, None, "{name}");
            assert_eq!(company.for_bot(house, ana).await.last().unwrap(), "whole /m2");

            // A tap on the question itself rates all the same, whatever the bot said meanwhile.
            let second = house.hand_off(&company, ana).await;
            asked(second, 911).await;
            bot_says(house, &company, "ana", Content::text("Marca 1 para ventas o 2 para soporte")).await;
            let question = company.messages(ana).await.into_iter().rev();
            let question = question.into_iter().find(|m| m.content.kind() == "options").unwrap();
            let tap = Content::Choice {
                label: "⭐⭐⭐⭐".into(),
                payload: Some(format!("{}3", adapters::ingest::choice_prefix(question.id))),
                offered_in: None,
            };
            let tap = company.message(ContactAddress::of("ana"), "m3", tap);
            house.webhook(company.hook(vec![tap])).await;
            assert_eq!(company.handoff(second).await.rating, Some(4), "{name}");
            assert_eq!(company.for_bot(house, ana).await.last().unwrap(), "whole /m2", "not the bot's");
        }
        house.check().await;
    }

    async fn the_cooldown_keeps_rules_from_handing_off_again(house) {
        let company = house.company("uno").await;
        company.tune(|s| s.policy.cooldown_minutes = 10).await;
        let rule = domain::routing::Rule {
            id: domain::ids::RuleId(uuid::Uuid::now_v7()),
            name: "Facturas".into(),
            enabled: true,
            channels: Vec::new(),
            condition: domain::routing::Condition::Keywords { words: vec!["factura".into()] },
            action: domain::routing::Action::HandOff { options: domain::handoff::HandoffOptions::default(), close: None },
        };
        company.tenant.rules().save(&rule).await.unwrap();
        house.says(&company, "ana", "m1", "mi factura").await;
        let ana = company.conversation("ana").await;
        let first = match company.phase(ana).await {
            Phase::Requested { episode, .. } => episode.handoff,
            other => panic!("{other:?}"),
        };
        opened(house, &company, ana, first).await;
        house.desk(&company, vec![DESK.closed(2)]).await;
        house.clock.advance(Duration::from_secs(9 * 60));
        house.says(&company, "ana", "m2", "mi factura").await;
        assert!(matches!(company.phase(ana).await, Phase::Bot { .. }));
        assert_eq!(company.for_bot(house, ana).await, ["whole /m2"], "the bot has it");
        house.clock.advance(Duration::from_secs(61));
        house.says(&company, "ana", "m3", "mi factura").await;
        assert!(matches!(company.phase(ana).await, Phase::Requested { .. }));
        house.check().await;
    }
}
