//! Webhooks on both databases: stored once, in order, and the bot gets its share.

use crate::support::{Company, House, on_both_databases, webhook_outcome};
use adapters::ingest::{SentPart, Stored, Submission, choice_prefix};
use domain::channel::ChannelKind;
use domain::contact::ContactAddress;
use domain::message::{
    Attachment, Author, Content, DeliveryStatus, MediaKind, MediaSource, OptionAction, OptionItem,
    OptionList,
};
use domain::outbound::{Lane, Task};
use domain::ports::{ChannelEvent, EchoOrigin, Inbound};
use futures::future::join_all;

fn known_by(key: &str, alias: Option<&str>) -> ContactAddress {
    ContactAddress {
        key: key.to_owned(),
        alias: alias.map(str::to_owned),
        thread: None,
    }
}

fn echo(company: &Company, key: &str, mid: &str, origin: EchoOrigin) -> Inbound {
    let event = ChannelEvent::Echo {
        external_id: mid.to_owned(),
        identity: None,
        origin,
        content: Content::text("desde la app"),
    };
    company.event(ContactAddress::of(key), mid, event)
}

on_both_databases! {
    async fn a_repeated_webhook_is_stored_once(house) {
        let company = house.company("uno").await;
        let (again, neighbour) = (house.ingest.clone(), house.neighbour().await);
        let sending = (0..50).map(|n| {
            let ingest = if n % 2 == 0 { &again } else { &neighbour };
            ingest.submit(Submission::Webhook(company.hook(vec![company.text("51999", "m1", "hola")])))
        });
        let outcomes: Vec<_> = join_all(sending).await.into_iter().map(webhook_outcome).collect();
        assert_eq!(outcomes.iter().map(|o| o.stored).sum::<usize>(), 1);
        assert_eq!(outcomes.iter().map(|o| o.repeated).sum::<usize>(), 49);
        let id = company.conversation("51999").await;
        assert_eq!(company.said(id).await, ["contact: hola"]);
        assert_eq!(company.for_bot(house, id).await, ["whole /m1"], "and the bot hears it once");
        house.check().await;
    }

    async fn many_first_messages_of_one_contact_make_one_conversation(house) {
        let company = house.company("uno").await;
        let neighbour = house.neighbour().await;
        let sending = (0..100).map(|n| {
            let ingest = if n % 2 == 0 { &house.ingest } else { &neighbour };
            let text = company.text("51999", &format!("m{n}"), "hola");
            ingest.submit(Submission::Webhook(company.hook(vec![text])))
        });
        for outcome in join_all(sending).await {
            assert_eq!(webhook_outcome(outcome).stored, 1);
        }
        assert_eq!(house.number("select count(*) from contacts", vec![]).await, 1);
        assert_eq!(house.number("select count(*) from conversations", vec![]).await, 1);
        let id = company.conversation("51999").await;
        let seqs: Vec<i64> = company.messages(id).await.iter().map(|m| m.seq).collect();
        assert_eq!(seqs, (1..=100).collect::<Vec<i64>>());
        assert_eq!(company.for_bot(house, id).await.len(), 100);
        house.check().await;
    }

    async fn a_batch_is_cut_per_conversation(house) {
        let company = house.company("uno").await;
        let hook = company.hook(vec![
            company.text("ana", "a1", "uno"),
            company.text("luis", "l1", "dos"),
            company.text("ana", "a2", "tres"),
        ]);
        assert_eq!(house.webhook(hook).await.stored, 3);
        let (ana, luis) = (company.conversation("ana").await, company.conversation("luis").await);
        assert_eq!(company.said(ana).await, ["contact: uno", "contact: tres"]);
        assert_eq!(company.for_bot(house, ana).await, ["part /a1 /a2"]);
        assert_eq!(company.for_bot(house, luis).await, ["part /l1"]);
        // While people talk to Ana, the bot gets Luis's part only.
        house.hand_off(&company, ana).await;
        let hook = company.hook(vec![company.text("ana", "a3", "x"), company.text("luis", "l2", "y")]);
        house.webhook(hook).await;
        assert_eq!(company.for_bot(house, ana).await.len(), 1);
        assert_eq!(company.for_bot(house, luis).await, ["part /l1", "part /l2"]);
        house.check().await;
    }

    async fn a_batch_of_one_conversation_goes_to_the_bot_as_it_came(house) {
        let company = house.company("uno").await;
        let hook = company.hook(vec![company.text("ana", "a1", "uno"), company.text("ana", "a2", "dos")]);
        house.webhook(hook).await;
        let ana = company.conversation("ana").await;
        assert_eq!(company.for_bot(house, ana).await, ["whole /a1 /a2"]);
        let Task::ForwardWebhook { webhook, .. } = house.waiting(&company, ana, Lane::Bot).await[0] else {
            panic!("a webhook");
        };
        let raw = company.tenant.webhook(webhook).await.unwrap();
        assert_eq!(raw.header("x-hub-signature-256"), Some("sha256=as-it-came"));
        // A repeated part is not handed over again.
        let hook = company.hook(vec![company.text("ana", "a2", "dos"), company.text("ana", "a3", "tres")]);
        let outcome = house.webhook(hook).await;
        assert_eq!((outcome.stored, outcome.repeated), (1, 1));
        assert_eq!(company.for_bot(house, ana).await[1], "part /a3");
    }

    async fn an_excerpt_that_cannot_be_made_is_no_reason_to_keep_silent(house) {
        let company = house.company("uno").await;
        let mut hook = company.hook(vec![company.text("ana", "a1", "x"), company.text("luis", "l1", "y")]);
        hook.excerpt = std::sync::Arc::new(|_: &[String]| None);
        house.webhook(hook).await;
        let ana = company.conversation("ana").await;
        assert_eq!(company.for_bot(house, ana).await, ["whole /a1 /l1"]);
    }

    async fn one_person_by_two_ids_is_one_conversation(house) {
        let company = house.company("uno").await;
        let text = |address: ContactAddress, mid: &str| company.message(address, mid, Content::text(mid));
        // First known by the number, then by the stable id with it, then by that id alone, in
        // one webhook; then each way in others.
        let hook = company.hook(vec![
            text(known_by("51999", None), "a"),
            text(known_by("U1", Some("51999")), "b"),
            text(known_by("U1", None), "c"),
            text(known_by("51999", None), "d"),
        ]);
        assert_eq!(house.webhook(hook).await.stored, 4);
        for (address, mid) in [
            (known_by("51999", None), "e"),
            (known_by("U1", None), "f"),
            (known_by("U1", Some("51999")), "g"),
            (known_by("51999", Some("519990")), "h"),
            (known_by("U1", None), "i"),
        ] {
            house.webhook(company.hook(vec![text(address, mid)])).await;
        }
        assert_eq!(house.number("select count(*) from conversations", vec![]).await, 1);
        let id = company.conversation("U1").await;
        assert_eq!(company.messages(id).await.len(), 9);
        assert_eq!(company.conversation("51999").await, id);
        house.check().await;
    }

    async fn what_is_learned_of_a_person_does_not_undo_by_which_id_they_are_known(house) {
        let company = house.company("uno").await;
        let says = |address: ContactAddress, mid: &str, name: &str| {
            let mut event = company.message(address, mid, Content::text(mid));
            event.profile.name = Some(name.to_owned());
            event
        };
        // Three webhooks that may share a commit: each tells another name.
        let hooks = [
            vec![says(ContactAddress::of("other"), "o", "Eva")],
            vec![says(known_by("51999", None), "a", "Ana"), says(known_by("U1", Some("51999")), "b", "Ana")],
            vec![says(known_by("U1", None), "c", "Ana María")],
        ];
        let hooks = hooks.map(|events| house.webhook(company.hook(events)));
        futures::future::join_all(hooks).await;
        house.webhook(company.hook(vec![says(known_by("U1", None), "d", "Anita")])).await;
        assert_eq!(house.number("select count(*) from conversations", vec![]).await, 2);
        let id = company.conversation("U1").await;
        assert_eq!(company.messages(id).await.len(), 4);
        house.check().await;
    }

    async fn a_contact_that_moves_is_found_at_the_new_address_in_the_same_webhook(house) {
        let company = house.company("uno").await;
        house.says(&company, "old", "m1", "hola").await;
        let id = company.conversation("old").await;
        let moved = ChannelEvent::Moved { to: ContactAddress::of("new") };
        let hook = company.hook(vec![
            company.event(ContactAddress::of("old"), "mv", moved.clone()),
            company.text("new", "m2", "aquí"),
        ]);
        assert_eq!(house.webhook(hook).await.stored, 1);
        assert_eq!(company.conversation("new").await, id);
        // Somebody known at the target already must not make the webhook fail for ever.
        house.says(&company, "third", "m3", "yo").await;
        let moved = ChannelEvent::Moved { to: ContactAddress::of("third") };
        let hook = company.hook(vec![company.event(ContactAddress::of("new"), "mv2", moved)]);
        house.webhook(hook).await;
        assert_eq!(company.conversation("new").await, id);
        house.check().await;
    }

    async fn another_accounts_events_are_refused(house) {
        let company = house.company("uno").await;
        let mut foreign = company.text("ana", "a1", "hola");
        foreign.account = "somebody else".into();
        let outcome = house.webhook(company.hook(vec![foreign, company.text("luis", "l1", "hola")])).await;
        assert_eq!((outcome.stored, outcome.refused), (1, 1));
        assert_eq!(house.number("select count(*) from contacts", vec![]).await, 1);
        let luis = company.conversation("luis").await;
        assert_eq!(company.for_bot(house, luis).await, ["part /l1"], "not the whole: it has another's");
    }

    async fn the_same_platform_ids_on_two_lines_are_two_messages(house) {
        let (one, two) = (house.company("uno").await, house.company("dos").await);
        house.says(&one, "51999", "m1", "hola").await;
        house.says(&two, "51999", "m1", "hola").await;
        assert_eq!(house.number("select count(*) from messages", vec![]).await, 2);
    }

    async fn what_cannot_be_read_is_kept_raw(house) {
        let company = house.company("uno").await;
        let mut hook = company.hook(vec![company.text("ana", "a1", "hola")]);
        hook.undecodable = vec!["/entry/0: poll_creation".into()];
        house.webhook(hook).await;
        let why = house.texts("select unsupported from webhooks where unsupported is not null", vec![]).await;
        assert_eq!(why, ["/entry/0: poll_creation"]);
        let mut hook = company.hook(vec![]);
        hook.undecodable = vec!["all of it".into()];
        let outcome = house.webhook(hook).await;
        assert_eq!((outcome.stored, outcome.repeated), (0, 0));
        assert_eq!(house.number("select count(*) from webhooks where unsupported is not null", vec![]).await, 2);
    }

    async fn odd_characters_are_no_reason_to_lose_a_message(house) {
        let company = house.company("uno").await;
        let words = "nul \0 emoji 🧑🏽‍🚀 rtl \u{202e}x quote ' \" ; -- $1 ?";
        house.says(&company, "51\0999", "m\0 1", words).await;
        let page = house.texts("select last_words from conversations", vec![]).await;
        assert!(page[0].contains("🧑🏽‍🚀"));
        let again = house.webhook(company.hook(vec![company.text("51\0999", "m\0 1", words)])).await;
        assert_eq!(again.repeated, 1, "the same odd id is the same message");
        house.check().await;
    }

    async fn standby_is_stored_and_not_answered(house) {
        let company = house.company("uno").await;
        let mut file = Attachment::of(MediaKind::Image);
        file.source = Some(MediaSource::Url { url: "https://cdn.test/1".into() });
        let event = ChannelEvent::Message {
            external_id: Some("s1".into()),
            content: Content::Media { attachment: file, caption: Some("humano".into()) },
            reply_to: None,
            tap: None,
            standby: true,
        };
        let outcome = house.webhook(company.hook(vec![company.event(ContactAddress::of("ana"), "s1", event)])).await;
        assert_eq!(outcome.stored, 1);
        let ana = company.conversation("ana").await;
        assert_eq!(company.said(ana).await, ["contact: humano"]);
        assert!(company.for_bot(house, ana).await.is_empty());
        let media = house.waiting(&company, ana, Lane::Media).await;
        assert_eq!(media.len(), 1, "its file is fetched while it is there");
    }

    async fn a_file_that_was_given_up_is_there_after_a_retry(house) {
        let company = house.company("uno").await;
        let mut file = Attachment::of(MediaKind::Image);
        file.source = Some(MediaSource::Url { url: "https://cdn.test/1".into() });
        let content = Content::Media { attachment: file, caption: None };
        let message = company.message(ContactAddress::of("ana"), "f1", content);
        house.webhook(company.hook(vec![message])).await;
        let ana = company.conversation("ana").await;
        let claim = house.head(&company, ana, Lane::Media).await;
        let row = claim.id;
        let gone = domain::outbound::SendError::clear(domain::outbound::Failure::Payload, "gone");
        house.dead(claim, gone).await;
        let read = |m: &domain::message::Message| m.content.attachment().unwrap().clone();
        let message = company.messages(ana).await[0].clone();
        assert_eq!(read(&message).unavailable.as_deref(), Some("gone"));
        let retry = adapters::ingest::Command::Retry { tenant: company.id(), row };
        house.command(retry).await.unwrap();
        let waiting = read(&company.messages(ana).await[0]);
        assert!(waiting.is_pending(), "a retry fetches it once more");
        let claim = house.head(&company, ana, Lane::Media).await;
        let stored = domain::message::StoredFile {
            id: uuid::Uuid::now_v7().into(),
            mime: "image/png".into(),
            name: "1.png".into(),
            size: 9,
            sha256: "ab".into(),
        };
        let done = adapters::ingest::Stored { file: Some(Ok(stored.clone())), ..Default::default() };
        house.done(claim, done).await;
        let file = read(&company.messages(ana).await[0]);
        assert_eq!((file.stored, file.unavailable), (Some(stored.clone()), None));
        assert_eq!(company.tenant.files().get(stored.id).await.unwrap(), (stored, message.id));
        let stranger = house.company("dos").await;
        let id = read(&company.messages(ana).await[0]).stored.unwrap().id;
        assert!(stranger.tenant.files().get(id).await.is_err());
    }

    async fn an_echo_of_our_own_is_no_message_and_a_foreign_one_is(house) {
        let company = house.company("uno").await;
        house.says(&company, "ana", "m1", "hola").await;
        let ana = company.conversation("ana").await;
        let foreign = || company.hook(vec![echo(&company, "ana", "e1", EchoOrigin::Foreign)]);
        house.webhook(foreign()).await;
        house.webhook(foreign()).await;
        let messages = company.messages(ana).await;
        assert_eq!(messages.len(), 2, "stored once");
        assert_eq!((messages[1].author, messages[1].author_name.as_deref()), (Author::Bot, Some("↗")));
        assert_eq!(company.for_bot(house, ana).await.len(), 1, "echoes are not for the bot");
        // Ours, told by our identity before the platform's answer is stored.
        house.hand_off(&company, ana).await;
        let notice = company.messages(ana).await[2].clone();
        let event = ChannelEvent::Echo {
            external_id: "wamid.ours".into(),
            identity: Some(notice.id.delivery_identity(0)),
            origin: EchoOrigin::Ours,
            content: notice.content.clone(),
        };
        house.webhook(company.hook(vec![company.event(ContactAddress::of("ana"), "e2", event)])).await;
        assert_eq!(company.messages(ana).await.len(), 3);
        assert_eq!(house.known_as(notice.id).await, ["wamid.ours"]);
        house.check().await;
    }

    async fn an_echo_of_the_bots_words_does_not_pass_for_ours_that_still_wait(house) {
        let company = house.company("uno").await;
        house.says(&company, "ana", "m1", "hola").await;
        let ana = company.conversation("ana").await;
        house.hand_off(&company, ana).await;
        // The notice still waits in the outbox when an echo without our mark comes by.
        house.webhook(company.hook(vec![echo(&company, "ana", "e1", EchoOrigin::Ours)])).await;
        let notice = company.messages(ana).await[1].clone();
        assert_eq!(notice.author, Author::System);
        assert_eq!(house.known_as(notice.id).await, [""], "it was not sent yet");
    }

    async fn an_echo_without_our_mark_belongs_to_what_is_being_sent_in_its_words(house) {
        let company = house.company_on("uno", ChannelKind::Instagram).await;
        house.says(&company, "ana", "m1", "hola").await;
        let ana = company.conversation("ana").await;
        house.hand_off(&company, ana).await;
        let notice = company.messages(ana).await[1].clone();
        let words = notice.content.words().unwrap().to_owned();
        let echoed = |mid: &str, words: &str| {
            let event = ChannelEvent::Echo {
                external_id: mid.to_owned(),
                identity: None,
                origin: EchoOrigin::Ours,
                content: Content::text(words),
            };
            company.hook(vec![company.event(ContactAddress::of("ana"), mid, event)])
        };
        let claim = house.head(&company, ana, Lane::Channel).await;
        let piece = words.split(' ').next().unwrap();
        house.webhook(echoed("mid.piece", piece)).await;
        house.webhook(echoed("mid.other", "otra cosa")).await;
        house.webhook(echoed("mid.ours", &words)).await;
        house.webhook(echoed("mid.ours", &words)).await;
        let said = company.messages(ana).await;
        let texts: Vec<_> = said.iter().filter_map(|m| m.content.words()).collect();
        assert_eq!(texts, ["hola", words.as_str(), piece, "otra cosa"], "{said:#?}");
        assert_eq!(house.known_as(notice.id).await, ["mid.ours"]);
        let sent = SentPart {
            part: 0,
            identity: notice.id.delivery_identity(0),
            external_id: "mid.ours".into(),
        };
        house.done(claim, Stored { parts: vec![sent], ..Stored::default() }).await;
        assert_eq!(company.messages(ana).await[1].status, DeliveryStatus::Sent);
        house.check().await;
    }

    async fn a_tap_on_our_own_option_says_what_it_stood_for(house) {
        let company = house.company("uno").await;
        house.says(&company, "ana", "m1", "hola").await;
        let ana = company.conversation("ana").await;
        let handoff = house.hand_off(&company, ana).await;
        let opened = adapters::ingest::Stored {
            opened: Some(adapters::ingest::OpenedDesk { handoff, desk_conversation: 500 }),
            ..Default::default()
        };
        let claim = house.head(&company, ana, Lane::Desk).await;
        house.done(claim, opened).await;
        let list = serde_json::json!({ "content_type": "actionable/list", "content": {
            "title": "¿Qué plan?", "items": [
                {"type": "quick-reply", "payload": {"label": "Básico", "message": "Quiero el básico"}},
                {"type": "quick-reply", "payload": {"label": "Total", "message": "Quiero el total"}},
            ],
        }});
        let desk = crate::support::Desk { conversation: 500 };
        house.desk(&company, vec![desk.message(901, 1, list)]).await;
        let offered = company.messages(ana).await.last().unwrap().clone();
        let expected = OptionList {
            title: "¿Qué plan?".into(),
            items: ["básico", "total"].map(|plan| OptionItem {
                label: format!("{}{}", plan[..1].to_uppercase(), &plan[1..]),
                action: OptionAction::Reply { message: format!("Quiero el {plan}") },
            }).to_vec(),
        };
        if let Content::Options(list) = &offered.content {
            assert_eq!(list.items.len(), expected.items.len());
        } else {
            panic!("no options: {:?}", offered.content);
        }
        let tap = |payload: String, mid: &str| company.message(ContactAddress::of("ana"), mid, Content::Choice {
            label: "cortado…".into(),
            payload: Some(payload),
            offered_in: None,
        });
        let ours = format!("{}1", choice_prefix(offered.id));
        let wrong = format!("{}9", choice_prefix(offered.id));
        house.webhook(company.hook(vec![
            tap(ours.clone(), "t1"), tap("bot-payload".into(), "t2"), tap(wrong, "t3"),
        ])).await;
        let said = company.said(ana).await;
        let tail = &said[said.len() - 3..];
        assert_eq!(tail, ["contact: Quiero el total", "contact: cortado…", "contact: cortado…"]);
        let messages = company.messages(ana).await;
        let payloads: Vec<bool> = messages[messages.len() - 3..]
            .iter()
            .map(|m| matches!(&m.content, Content::Choice { payload: Some(p), .. } if p == "bot-payload"))
            .collect();
        assert_eq!(payloads, [false, true, false], "a bot's own payload is left alone");
        // An option of another conversation says nothing here.
        let hook = company.hook(vec![company.message(ContactAddress::of("luis"), "t4", Content::Choice {
            label: "uno".into(), payload: Some(ours), offered_in: None,
        })]);
        house.webhook(hook).await;
        let luis = company.conversation("luis").await;
        assert_eq!(company.said(luis).await, ["contact: uno"]);
        house.check().await;
    }

    async fn a_line_without_a_bot_forwards_nothing(house) {
        let mut company = house.company("uno").await;
        let mut channel = (*company.channel).clone();
        channel.settings.bot_url = None;
        company.channel = channel.into();
        house.says(&company, "ana", "m1", "hola").await;
        let ana = company.conversation("ana").await;
        assert!(company.for_bot(house, ana).await.is_empty());
    }
}
