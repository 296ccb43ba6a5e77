//! News about what was sent, on both databases: never backwards, never lost.

use crate::support::{Company, House, on_both_databases};
use adapters::ingest::{
    BotDelivery, BotMessage, BotVerdict, Ingest, Outcome, SentPart, Stored, Submission, TryResult,
};
use domain::contact::ContactAddress;
use domain::ids::{ConversationId, MessageId};
use domain::message::{Content, DeliveryStatus, DeliveryTarget, DeliveryUpdate};
use domain::outbound::{Failure, Lane, SendError};
use domain::ports::{ChannelEvent, Inbound};
use domain::time::Timestamp;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use uuid::Uuid;

fn news(company: &Company, id: &str, identity: Option<Uuid>, status: DeliveryStatus) -> Inbound {
    let failure = (status == DeliveryStatus::Failed).then(|| "131026".to_owned());
    let update = DeliveryUpdate {
        which: DeliveryTarget::External {
            id: id.to_owned(),
            identity,
        },
        status,
        failure,
        at: Timestamp(1_767_614_400_000),
    };
    company.event(
        ContactAddress::of("ana"),
        &format!("{id}-{}", status.name()),
        ChannelEvent::Delivery(update),
    )
}

/// A conversation whose notice waits to be sent.
async fn notice(house: &House) -> (Company, ConversationId, MessageId) {
    let company = house.company("uno").await;
    house.says(&company, "ana", "m1", "hola").await;
    let ana = company.conversation("ana").await;
    house.hand_off(&company, ana).await;
    let message = company.messages(ana).await[1].id;
    (company, ana, message)
}

fn part(message: MessageId, number: u16, id: &str) -> SentPart {
    SentPart {
        part: number,
        identity: message.delivery_identity(number),
        external_id: id.to_owned(),
    }
}

fn sent(parts: Vec<SentPart>) -> Stored {
    Stored {
        parts,
        ..Stored::default()
    }
}

/// The row's worker does not know whether its try arrived, and waits for news.
async fn in_doubt(house: &House, company: &Company, id: ConversationId) {
    let claim = house.head(company, id, Lane::Channel).await;
    let at = house.now().after(std::time::Duration::from_secs(30));
    house.doubts(claim, at).await;
}

async fn status(company: &Company, message: MessageId) -> DeliveryStatus {
    company
        .tenant
        .conversations()
        .message(message)
        .await
        .unwrap()
        .status
}

on_both_databases! {
    async fn statuses_skip_and_never_go_back(house) {
        let (company, ana, message) = notice(house).await;
        let claim = house.head(&company, ana, Lane::Channel).await;
        house.done(claim, sent(vec![part(message, 0, "w1")])).await;
        assert_eq!(status(&company, message).await, DeliveryStatus::Sent);
        use DeliveryStatus::{Delivered, Failed, Read, Sent};
        for (told, expected) in [(Read, Read), (Delivered, Read), (Sent, Read), (Failed, Read)] {
            house.webhook(company.hook(vec![news(&company, "w1", None, told)])).await;
            assert_eq!(status(&company, message).await, expected, "after {told:?}");
        }
        assert_eq!(company.messages(ana).await.len(), 2, "news is no message");
    }

    async fn news_of_many_parts_is_written_together_and_each_keeps_its_hours(house) {
        let (company, ana, message) = notice(house).await;
        let claim = house.head(&company, ana, Lane::Channel).await;
        let parts = (0..12).map(|n| part(message, n, &format!("w{n}")));
        house.done(claim, sent(parts.collect())).await;
        let asked = Arc::new(AtomicUsize::default());
        let counted = asked.clone();
        let note = move |_: &str, _| {
            counted.fetch_add(1, Ordering::SeqCst);
        };
        let ingest = Ingest::start(house.store.clone().telling(note), house.queue.clone());
        let told = async |ids: std::ops::Range<u16>| {
            use DeliveryStatus::{Delivered, Read, Sent};
            let news = ids.flat_map(|n| [Delivered, Read, Sent].map(|told| {
                [news(&company, &format!("w{n}"), None, told), news(&company, &format!("x{n}"), None, told)]
            }));
            let hook = company.hook(news.flatten().collect());
            ingest.submit(Submission::Webhook(hook)).await.unwrap();
            asked.swap(0, Ordering::SeqCst)
        };
        let one = told(0..1).await;
        assert_eq!(status(&company, message).await, DeliveryStatus::Sent, "the least of its parts");
        let many = told(1..12).await;
        if house.is_postgres() {
            assert!(one > 0 && many <= one, "{one} statements for one part, {many} for eleven");
        }
        assert_eq!(status(&company, message).await, DeliveryStatus::Read);
        let complete = "select count(*) from deliveries where sent_at is not null
            and delivered_at is not null and read_at is not null and failed_at is null";
        assert_eq!(house.number(complete, vec![]).await, 12);
        let parked = "select count(*) from parked_updates";
        assert_eq!(house.number(parked, vec![]).await, 36, "what nobody knows yet waits");
    }

    async fn of_two_processes_that_hear_of_a_part_none_puts_it_back(house) {
        let (company, ana, message) = notice(house).await;
        let claim = house.head(&company, ana, Lane::Channel).await;
        let parts = (0..40).map(|n| part(message, n, &format!("w{n}")));
        house.done(claim, sent(parts.collect())).await;
        let neighbour = house.neighbour().await;
        // To somebody who is not known by that name: nothing of theirs is locked.
        let told = |n: u16, status| {
            let mut news = news(&company, &format!("w{n}"), None, status);
            news.contact = Some(ContactAddress::of("another name"));
            Submission::Webhook(company.hook(vec![news]))
        };
        for n in 0..40 {
            let (one, other) = futures::future::join(
                house.ingest.submit(told(n, DeliveryStatus::Delivered)),
                neighbour.submit(told(n, DeliveryStatus::Read)),
            ).await;
            assert!(one.is_ok() && other.is_ok(), "{one:?} {other:?}");
        }
        let read = "select count(*) from deliveries where status = 'read'";
        assert_eq!(house.number(read, vec![]).await, 40);
        assert_eq!(status(&company, message).await, DeliveryStatus::Read);
    }

    async fn news_to_somebody_who_becomes_known_in_the_same_webhook_reaches_the_bot(house) {
        let company = house.company("uno").await;
        let known_by = ContactAddress { key: "U1".into(), alias: Some("51999".into()), thread: None };
        let mut read = news(&company, "of-the-bot", None, DeliveryStatus::Read);
        read.contact = Some(ContactAddress::of("51999"));
        let word = company.message(known_by, "m1", Content::text("hola"));
        house.webhook(company.hook(vec![word, read])).await;
        let id = company.conversation("U1").await;
        assert_eq!(company.for_bot(house, id).await, ["whole /m1 /of-the-bot-read"]);
    }

    async fn of_news_in_one_commit_the_reason_why_it_failed_is_kept(house) {
        let (company, ana, message) = notice(house).await;
        let claim = house.head(&company, ana, Lane::Channel).await;
        house.done(claim, sent(vec![part(message, 0, "w0"), part(message, 1, "w1")])).await;
        house.webhook(company.hook(vec![
            news(&company, "w0", None, DeliveryStatus::Failed),
            news(&company, "w1", None, DeliveryStatus::Delivered),
        ])).await;
        let stored = company.tenant.conversations().message(message).await.unwrap();
        assert_eq!((stored.status, stored.failure.as_deref()), (DeliveryStatus::Failed, Some("131026")));
    }

    async fn news_before_the_answer_is_applied_after_it(house) {
        let (company, ana, message) = notice(house).await;
        let claim = house.head(&company, ana, Lane::Channel).await;
        house.webhook(company.hook(vec![
            news(&company, "w1", None, DeliveryStatus::Sent),
            news(&company, "w1", None, DeliveryStatus::Delivered),
        ])).await;
        assert_eq!(status(&company, message).await, DeliveryStatus::Accepted);
        house.done(claim, sent(vec![part(message, 0, "w1")])).await;
        assert_eq!(status(&company, message).await, DeliveryStatus::Delivered);
        assert_eq!(house.number("select count(*) from parked_updates", vec![]).await, 0);
    }

    async fn news_with_our_identity_tells_that_a_doubtful_try_arrived(house) {
        let (company, ana, message) = notice(house).await;
        house.head(&company, ana, Lane::Channel).await;
        // First without the identity, then with it, and no answer to our own request.
        house.webhook(company.hook(vec![news(&company, "w1", None, DeliveryStatus::Delivered)])).await;
        let identity = Some(message.delivery_identity(0));
        house.webhook(company.hook(vec![news(&company, "w1", identity, DeliveryStatus::Sent)])).await;
        assert_eq!(house.known_as(message).await, ["w1"], "the next try finds it was sent");
        house.clock.advance(crate::support::HOLD);
        let claim = house.head(&company, ana, Lane::Channel).await;
        assert!(claim.ambiguous);
        house.done(claim, sent(vec![part(message, 0, "w1")])).await;
        assert_eq!(status(&company, message).await, DeliveryStatus::Delivered, "the parked news counts");
    }

    async fn a_row_in_doubt_waits_no_longer_than_until_the_news_is_there(house) {
        let (company, ana, message) = notice(house).await;
        in_doubt(house, &company, ana).await;
        let identity = Some(message.delivery_identity(0));
        house.webhook(company.hook(vec![news(&company, "w1", identity, DeliveryStatus::Sent)])).await;
        assert!(house.head(&company, ana, Lane::Channel).await.ambiguous, "due, though its time has not come");
    }

    async fn a_receipt_is_kept_though_its_claim_was_lost(house) {
        let (company, ana, message) = notice(house).await;
        let ghost = house.head(&company, ana, Lane::Channel).await;
        house.clock.advance(crate::support::HOLD);
        in_doubt(house, &company, ana).await;
        let done = TryResult::Done(sent(vec![part(message, 0, "w1")]));
        assert!(matches!(house.tried(ghost, done).await, Ok(Outcome::TooLate)));
        assert_eq!(house.known_as(message).await, ["w1"], "the next try finds it was sent");
        let claim = house.head(&company, ana, Lane::Channel).await;
        assert!(claim.ambiguous, "due, though its time has not come");
        house.done(claim, Stored::default()).await;
        house.check().await;
    }

    async fn a_failure_told_later_is_a_failure_with_its_reason(house) {
        let (company, ana, message) = notice(house).await;
        let claim = house.head(&company, ana, Lane::Channel).await;
        house.done(claim, sent(vec![part(message, 0, "w1")])).await;
        house.webhook(company.hook(vec![news(&company, "w1", None, DeliveryStatus::Failed)])).await;
        let message = company.tenant.conversations().message(message).await.unwrap();
        assert_eq!((message.status, message.failure.as_deref()), (DeliveryStatus::Failed, Some("131026")));
    }

    async fn a_message_is_as_far_as_its_last_part(house) {
        let (company, ana, message) = notice(house).await;
        let row = company.tenant.conversations().get(ana).await.unwrap();
        company.tenant.announce_parts(&row, message, 2).await.unwrap();
        let claim = house.head(&company, ana, Lane::Channel).await;
        house.done(claim, sent(vec![part(message, 0, "w1"), part(message, 1, "w2")])).await;
        house.webhook(company.hook(vec![news(&company, "w1", None, DeliveryStatus::Read)])).await;
        assert_eq!(status(&company, message).await, DeliveryStatus::Sent);
        house.webhook(company.hook(vec![news(&company, "w2", None, DeliveryStatus::Delivered)])).await;
        assert_eq!(status(&company, message).await, DeliveryStatus::Delivered);
    }

    async fn a_message_given_up_halfway_stays_failed_when_its_first_half_arrives(house) {
        let (company, ana, message) = notice(house).await;
        let row = company.tenant.conversations().get(ana).await.unwrap();
        company.tenant.announce_parts(&row, message, 2).await.unwrap();
        let claim = house.head(&company, ana, Lane::Channel).await;
        let error = SendError::clear(Failure::Recipient, "blocked");
        let parts = vec![part(message, 0, "w1")];
        house.tried(claim, TryResult::Dead { error, parts }).await.unwrap();
        assert_eq!(status(&company, message).await, DeliveryStatus::Failed);
        house.webhook(company.hook(vec![news(&company, "w1", None, DeliveryStatus::Delivered)])).await;
        assert_eq!(status(&company, message).await, DeliveryStatus::Failed);
    }

    async fn a_watermark_reads_what_was_sent_before_it(house) {
        let (company, ana, message) = notice(house).await;
        let up_to = |at: Timestamp| {
            let update = DeliveryUpdate {
                which: DeliveryTarget::UpTo(at), status: DeliveryStatus::Read, failure: None, at,
            };
            let event = ChannelEvent::Delivery(update);
            company.hook(vec![company.event(ContactAddress::of("ana"), &format!("r{}", at.0), event)])
        };
        let now = house.now();
        house.webhook(up_to(now)).await;
        assert_eq!(status(&company, message).await, DeliveryStatus::Accepted, "nobody read what was not sent");
        let claim = house.head(&company, ana, Lane::Channel).await;
        house.done(claim, sent(vec![part(message, 0, "w1")])).await;
        house.webhook(up_to(Timestamp(now.0 - 1))).await;
        assert_eq!(status(&company, message).await, DeliveryStatus::Sent);
        house.webhook(up_to(now)).await;
        assert_eq!(status(&company, message).await, DeliveryStatus::Read);
    }

    async fn the_bot_hears_news_about_its_own_messages_only(house) {
        let (company, ana, message) = notice(house).await;
        let claim = house.head(&company, ana, Lane::Channel).await;
        house.done(claim, sent(vec![part(message, 0, "w1")])).await;
        let before = company.for_bot(house, ana).await.len();
        house.webhook(company.hook(vec![news(&company, "w1", None, DeliveryStatus::Delivered)])).await;
        assert_eq!(company.for_bot(house, ana).await.len(), before, "ours is not the bot's");
        house.webhook(company.hook(vec![news(&company, "beside", None, DeliveryStatus::Delivered)])).await;
        assert_eq!(company.for_bot(house, ana).await.last().unwrap(), "whole /beside-delivered");
        let nobody = ContactAddress::of("nobody");
        let mut stranger = news(&company, "other", None, DeliveryStatus::Sent);
        stranger.contact = Some(nobody);
        house.webhook(company.hook(vec![stranger])).await;
        assert_eq!(house.number("select count(*) from conversations", vec![]).await, 1);
    }

    async fn the_bots_words_are_recorded_before_they_go_and_muted_under_a_human(house) {
        let company = house.company("uno").await;
        house.says(&company, "ana", "m1", "hola").await;
        let ana = company.conversation("ana").await;
        let says = |words: Option<&str>| Submission::BotSays(BotMessage {
            tenant: company.id(),
            channel: company.channel.id,
            to: ContactAddress::of("ana"),
            content: words.map(Content::text),
            already_said: false,
        });
        let verdict = house.submit(says(Some("¿en qué ayudo?"))).await.unwrap();
        let Outcome::Bot(BotVerdict::Pass { message: Some(message), .. }) = verdict else {
            panic!("{verdict:?}");
        };
        let said = BotDelivery {
            tenant: company.id(), conversation: ana, message, result: Ok(vec!["w9".into()]),
        };
        house.submit(Submission::BotSaid(said)).await.unwrap();
        assert_eq!(status(&company, message).await, DeliveryStatus::Sent);
        house.webhook(company.hook(vec![news(&company, "w9", None, DeliveryStatus::Read)])).await;
        assert_eq!(status(&company, message).await, DeliveryStatus::Read);
        assert_eq!(company.for_bot(house, ana).await.last().unwrap(), "whole /w9-read");
        house.hand_off(&company, ana).await;
        let verdict = house.submit(says(Some("sigo aquí"))).await.unwrap();
        assert!(matches!(verdict, Outcome::Bot(BotVerdict::Muted { .. })), "{verdict:?}");
        let verdict = house.submit(says(None)).await.unwrap();
        assert!(matches!(verdict, Outcome::Bot(BotVerdict::Muted { .. })), "typing too");
        let last = company.messages(ana).await.pop().unwrap();
        assert_eq!((last.content.words(), last.status), (Some("sigo aquí"), DeliveryStatus::Muted));
        assert_eq!(house.waiting(&company, ana, Lane::Channel).await.len(), 1, "only our notice");
        house.check().await;
    }
}
