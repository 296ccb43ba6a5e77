//! Searching and filtering conversations, the same on both databases.

use crate::support::{Company, House, on_both_databases};
use adapters::ingest::{Command, NewNote};
use adapters::store::{Beyond, ConversationFilter, SearchPlace};
use domain::audit::By;
use domain::contact::ContactProfile;
use domain::ids::MemberId;
use domain::search::SearchTerms;
use domain::time::Timestamp;
use std::time::Duration;
use uuid::Uuid;

async fn found(company: &Company, typed: &str) -> Vec<String> {
    let terms = SearchTerms::parse(typed).unwrap();
    let conversations = company.tenant.conversations();
    let all = ConversationFilter::default();
    let hits = conversations.search(&terms, &all, None, 50).await.unwrap();
    let words = hits
        .iter()
        .map(|h| h.content.words().unwrap_or("-").to_owned());
    words.collect()
}

async fn tag(house: &House, company: &Company, key: &str, tag: &str, on: bool) {
    let command = Command::Tag {
        tenant: company.id(),
        conversation: company.conversation(key).await,
        tag: tag.to_owned(),
        on,
        by: By::default(),
    };
    house.command(command).await.unwrap();
}

on_both_databases! {
    async fn what_was_said_is_found_whatever_its_accents_case_and_signs(house) {
        let company = house.company("uno").await;
        house.says(&company, "ana", "m1", "¿Dónde está mi ENVÍO?").await;
        house.says(&company, "ana", "m2", "Quiero la factura del envío, por favor").await;
        house.says(&company, "beto", "m3", "👍 ok, gracias").await;
        house.says(&company, "beto", "m4", "不是 שלום мир").await;
        assert_eq!(found(&company, "envio").await.len(), 2);
        assert_eq!(found(&company, "ENVIO factúra ").await, ["Quiero la factura del envío, por favor"]);
        assert_eq!(found(&company, "fact").await.len(), 1, "the last word may be unfinished");
        assert!(found(&company, "fact ").await.is_empty(), "unless a space says it is not");
        assert_eq!(found(&company, "👍").await.len(), 1);
        assert_eq!(found(&company, "МИР").await.len(), 1);
        assert_eq!(found(&company, "שלום").await.len(), 1);
        assert!(found(&company, "nada de esto").await.is_empty());
    }

    async fn a_search_never_finds_another_companys_words(house) {
        let (one, two) = (house.company("uno").await, house.company("dos").await);
        house.says(&one, "ana", "m1", "clave secreta").await;
        house.says(&two, "ana", "m1", "otra cosa").await;
        assert_eq!(found(&one, "secreta").await.len(), 1);
        assert!(found(&two, "secreta").await.is_empty());
        let other = one.id().0.simple().to_string();
        assert!(found(&two, &other).await.is_empty(), "nor by the company's own id");
        for odd in ["'\"); drop table x", "* OR \"", "tenant:a", "a & !b | (c", ":* <-> \\"] {
            if let Some(terms) = SearchTerms::parse(odd) {
                let all = ConversationFilter::default();
                two.tenant.conversations().search(&terms, &all, None, 5).await.unwrap();
            }
        }
    }

    async fn hostile_and_endless_words_are_stored_and_searched(house) {
        let company = house.company("uno").await;
        let endless = "x".repeat(5000);
        let many: String = (0..3000).map(|n| format!("w{n} ")).collect();
        for (n, words) in ["\0nulo\0 \\u0000", "'; drop table messages; --", &endless, &many, "<script>"].iter().enumerate() {
            house.says(&company, "ana", &format!("m{n}"), words).await;
        }
        assert_eq!(found(&company, "nulo").await.len(), 1);
        assert_eq!(found(&company, "drop table").await.len(), 1);
        assert_eq!(found(&company, &endless).await.len(), 1);
        assert_eq!(found(&company, "w7 ").await.len(), 1);
        assert_eq!(found(&company, "script").await.len(), 1);
        // What is changed and cannot be read as before is no reason to refuse the change.
        let text = "update messages set content = '{\"kind\":\"text\",\"text\":\"\"}'";
        house.run(text, vec![]).await;
        assert!(found(&company, "drop").await.is_empty(), "what was erased is not found");
        assert!(found(&company, "nulo").await.is_empty());
    }

    async fn a_search_goes_on_both_ways_without_gaps(house) {
        let company = house.company("uno").await;
        for n in 0..25 {
            house.says(&company, &format!("c{}", n % 3), &format!("m{n}"), &format!("pedido {n}")).await;
        }
        let terms = SearchTerms::parse("pedido").unwrap();
        let conversations = company.tenant.conversations();
        let all = ConversationFilter::default();
        let mut seen = Vec::new();
        let mut beyond = None;
        loop {
            let hits = conversations.search(&terms, &all, beyond, 10).await.unwrap();
            let Some(last) = hits.last() else { break };
            beyond = Some(Beyond::Older(last.place.to_string().parse().unwrap()));
            seen.extend(hits.iter().map(|h| h.content.words().unwrap().to_owned()));
        }
        let expected: Vec<String> = (0..25).rev().map(|n| format!("pedido {n}")).collect();
        assert_eq!(seen, expected);
        let page = conversations.search(&terms, &all, None, 20).await.unwrap();
        let back = Some(Beyond::Newer(page[15].place));
        let newer = conversations.search(&terms, &all, back, 10).await.unwrap();
        let words = |hits: &[adapters::store::Hit]| hits.iter().map(|h| h.seq).collect::<Vec<_>>();
        assert_eq!(words(&newer), words(&page[5..15]));
        let foreign = if house.is_postgres() { SearchPlace::Entry(1) } else { SearchPlace::Message(Uuid::nil()) };
        assert!(conversations.search(&terms, &all, Some(Beyond::Older(foreign)), 9).await.unwrap().is_empty());
    }

    async fn a_search_keeps_to_the_filters(house) {
        let company = house.company("uno").await;
        house.says(&company, "ana", "m1", "mi pedido").await;
        house.says(&company, "beto", "m2", "mi pedido").await;
        let ana = company.conversation("ana").await;
        house.hand_off(&company, ana).await;
        tag(house, &company, "beto", "vip", true).await;
        let conversations = company.tenant.conversations();
        let terms = SearchTerms::parse("pedido").unwrap();
        let filters = [
            (ConversationFilter { phase: Some("human".into()), ..Default::default() }, ana),
            (ConversationFilter { tag: Some("vip".into()), ..Default::default() }, company.conversation("beto").await),
        ];
        for (filter, expected) in filters {
            let hits = conversations.search(&terms, &filter, None, 9).await.unwrap();
            assert_eq!(hits.iter().map(|h| h.row.conversation.id).collect::<Vec<_>>(), [expected]);
        }
        let never = ConversationFilter { from: Some(Timestamp(i64::MAX)), ..Default::default() };
        assert!(conversations.search(&terms, &never, None, 9).await.unwrap().is_empty());
    }

    async fn the_list_is_filtered_by_rule_agent_tag_and_time(house) {
        let company = house.company("uno").await;
        let mut last = Timestamp(0);
        for key in ["a", "b", "c", "d"] {
            house.clock.advance(Duration::from_secs(60));
            house.says(&company, key, key, "hola").await;
            last = house.now();
        }
        let b = company.conversation("b").await;
        let handoff = house.hand_off(&company, b).await;
        let (rule, set) = (Uuid::now_v7(), "update handoffs set rule_id = $1, agent_id = 77, agent_name = 'Luz' where id = $2");
        house.run(set, vec![rule.into(), handoff.0.into()]).await;
        tag(house, &company, "c", "vip", true).await;
        tag(house, &company, "c", "vip", true).await;
        tag(house, &company, "c", "moroso", true).await;
        tag(house, &company, "c", "moroso", false).await;
        let conversations = company.tenant.conversations();
        let keys = |filter: ConversationFilter| {
            let conversations = company.tenant.conversations();
            async move {
                let rows = conversations.list(&filter, None, 9).await.unwrap();
                rows.into_iter().map(|r| r.contact.address.key).collect::<Vec<_>>()
            }
        };
        assert_eq!(keys(ConversationFilter { rule: Some(rule.into()), ..Default::default() }).await, ["b"]);
        assert_eq!(keys(ConversationFilter { agent: Some(77), ..Default::default() }).await, ["b"]);
        assert_eq!(keys(ConversationFilter { tag: Some("vip".into()), ..Default::default() }).await, ["c"]);
        assert!(keys(ConversationFilter { tag: Some("moroso".into()), ..Default::default() }).await.is_empty());
        let since = ConversationFilter { from: Some(last), ..Default::default() };
        assert_eq!(keys(since).await, ["d", "b"], "the handoff of b was said just then");
        let before = ConversationFilter { until: Some(last), phase: Some("bot".into()), ..Default::default() };
        assert_eq!(keys(before).await, ["c", "a"]);
        let choices = conversations.choices().await.unwrap();
        assert_eq!(choices.tags, ["vip"]);
        assert_eq!(choices.agents, [(77, "Luz".to_owned())]);
        assert_eq!(choices.channels.len(), 1);
        let other = house.company("dos").await.tenant.conversations();
        let theirs = other.choices().await.unwrap();
        assert!(theirs.tags.is_empty() && theirs.agents.is_empty() && theirs.channels.len() == 1);
        assert!(other.these(&[b], &ConversationFilter::default()).await.unwrap().is_empty());
        let these = conversations.these(&[b], &ConversationFilter::default()).await.unwrap();
        assert_eq!(these.len(), 1);
    }

    async fn the_list_goes_on_both_ways(house) {
        let company = house.company("uno").await;
        for n in 0..9 {
            house.says(&company, &format!("c{n}"), &format!("m{n}"), "hola").await;
        }
        let conversations = company.tenant.conversations();
        let all = ConversationFilter::default();
        let whole = conversations.list(&all, None, 20).await.unwrap();
        assert_eq!(whole.len(), 9);
        let at = |n: usize| adapters::store::Cursor {
            at: whole[n].conversation.last_message_at,
            id: whole[n].conversation.id,
        };
        assert_eq!(conversations.list(&all, Some(at(3)), 3).await.unwrap(), whole[4..7]);
        assert_eq!(conversations.newer(&all, at(6), 3).await.unwrap(), whole[3..6]);
        assert_eq!(conversations.newer(&all, at(1), 3).await.unwrap(), whole[0..1]);
    }

    async fn a_note_is_kept_once_and_only_for_its_company(house) {
        let (one, two) = (house.company("uno").await, house.company("dos").await);
        house.says(&one, "ana", "m1", "hola").await;
        let conversation = one.conversation("ana").await;
        let note = NewNote {
            tenant: one.id(),
            conversation,
            id: Uuid::now_v7(),
            member: MemberId(Uuid::now_v7()),
            name: "Camila".into(),
            by: By::default(),
            text: "llamar mañana".into(),
        };
        house.command(Command::Note(note.clone())).await.unwrap();
        house.command(Command::Note(note.clone())).await.unwrap();
        let notes = one.tenant.conversations().notes(conversation).await.unwrap();
        assert_eq!(notes.len(), 1);
        assert_eq!((notes[0].after_seq, notes[0].text.as_str()), (1, "llamar mañana"));
        assert_eq!(one.tenant.conversations().get(conversation).await.unwrap().notes, 1);
        assert!(two.tenant.conversations().notes(conversation).await.unwrap().is_empty());
        let stranger = NewNote { tenant: two.id(), ..note };
        assert!(house.command(Command::Note(stranger)).await.is_err());
        assert!(found(&one, "llamar").await.is_empty(), "a note is no message");
    }

    async fn what_a_member_learns_of_the_contact_stays_with_their_tags(house) {
        let company = house.company("uno").await;
        house.says(&company, "ana", "m1", "hola").await;
        tag(house, &company, "ana", "vip", true).await;
        let mut event = company.text("ana", "m2", "otra vez");
        event.profile = ContactProfile { name: Some("Ana \0 María".into()), ..Default::default() };
        house.webhook(company.hook(vec![event])).await;
        let row = company.tenant.conversations().get(company.conversation("ana").await).await.unwrap();
        assert_eq!(row.contact.profile.tags, ["vip"]);
        assert_eq!(company.tenant.conversations().choices().await.unwrap().tags, ["vip"]);
    }
}
