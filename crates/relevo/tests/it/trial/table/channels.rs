//! What the channels may answer, and media that cannot be had at once (F26, F41).

use crate::phone::{sample, sample_hash};
use crate::trial::field::{Field, answers, answers_with};
use crate::trial::run::Trial;
use crate::trial::talk::Mood;
use crate::trial::trials;
use crate::wait::soon;
use futures::future::BoxFuture;
use sandbox::fault::{Action, FaultRule, FaultService};
use sandbox::ledger::Service;
use sandbox::phone::Action as Does;

trials! {
    f26_channels_fail_most_of_the_time: Trial::new(failing).ambiguous(40);
    f26_whatsapp_and_telegram_want_slower_words: Trial::new(throttled);
    f26_contacts_have_blocked_the_line: Trial::new(blocked).may_fail();
    f26_channels_take_a_message_and_cut_the_answer: Trial::new(answer_cut).ambiguous(6);
    #[ignore = "long form"]
    f26_channels_refuse_the_token: Trial::new(unauthorized);
    f41_media_that_fails_twice_arrives_by_the_third_time: Trial::new(media);
}

fn post(service: FaultService, path: &str, action: Action) -> FaultRule {
    FaultRule::new(service, action).method("POST").path(path)
}

fn whatsapp(field: &Field) -> Vec<String> {
    let lines = field.site.companies.iter().flat_map(|it| &it.lines);
    let numbers = lines.filter(|line| line.kind.name() == "whatsapp");
    numbers
        .map(|line| format!("{}/messages", line.account))
        .collect()
}

fn graph_error(status: u16, code: u32) -> Action {
    let body = format!(
        r#"{{"error":{{"message":"(#{code}) fault","type":"OAuthException","code":{code},"fbtrace_id":"x"}}}}"#
    );
    answers_with(status, &[("content-type", "application/json")], &body)
}

/// Also after 500 and 502 Telegram may have sent it.
fn failing(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        field.said(0.2).await;
        for (service, path) in [
            (FaultService::Telegram, "/sendMessage"),
            (FaultService::Graph, "/messages"),
        ] {
            for status in [500, 503] {
                let rule = post(service, path, answers(status));
                field.fault(rule.chance(0.3, field.dice.next()));
            }
        }
        field.last(1500..2500).await;
        field.mend();
    })
}

fn throttled(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        field.said(0.2).await;
        for path in whatsapp(field) {
            for code in [130_429, 131_056] {
                let rule = post(FaultService::Graph, &path, graph_error(400, code));
                field.fault(rule.chance(0.5, field.dice.next()).times(2));
            }
        }
        let slower = r#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 1","parameters":{"retry_after":1}}"#;
        let slower = answers_with(429, &[("content-type", "application/json")], slower);
        let rule = post(FaultService::Telegram, "/sendMessage", slower);
        let rule = field.fault(rule.times(4));
        field.struck(rule, 2).await;
        field.said(1.0).await;
        field.mend();
    })
}

fn blocked(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        field.said(0.3).await;
        let blocked = r#"{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}"#;
        let blocked = answers_with(403, &[("content-type", "application/json")], blocked);
        let rule = post(FaultService::Telegram, "/sendMessage", blocked);
        let rule = field.fault(rule.times(3));
        field.struck(rule, 3).await;
        field.mend();
    })
}

fn answer_cut(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        field.said(0.2).await;
        let paths = [
            (FaultService::Telegram, "/sendMessage"),
            (FaultService::Graph, "/messages"),
        ];
        for (service, path) in paths {
            let rule = post(service, path, Action::ResetAfter).chance(0.5, field.dice.next());
            field.fault(rule.times(3));
        }
        field.said(1.0).await;
        field.mend();
    })
}

fn unauthorized(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        field.said(0.3).await;
        for path in whatsapp(field) {
            field.fault(post(FaultService::Graph, &path, graph_error(401, 190)));
        }
        field.said(1.0).await;
        field.mend();
        field.hurry().await;
    })
}

fn media(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        field.said(0.2).await;
        let get = |service, path: &str| {
            let rule = FaultRule::new(service, answers(503)).times(2);
            field.fault(if path.is_empty() {
                rule.method("GET")
            } else {
                rule.path(path)
            });
        };
        get(FaultService::Graph, "");
        get(FaultService::Telegram, "/file/");
        let mut wanted = Vec::new();
        for talk in field.talks.all().iter().filter(|it| it.mood == Mood::Human) {
            let (phone, kind) = (&field.site.sandbox.services.phone, talk.line.sandbox_kind());
            let picture = Does::Image(sample("foto.jpg"));
            phone
                .act(kind, &talk.line.account, &talk.contact, picture)
                .unwrap();
            wanted.push(talk.desk.to_string());
        }
        let (hash, ledger) = (sample_hash("foto.jpg"), &field.site.sandbox.core.ledger);
        let arrived = || {
            let rows = ledger.rows(Service::LetsTalk, 0, usize::MAX);
            let shown = |desk: &String| {
                let mine = rows.iter().filter(|row| row.conversation == *desk);
                mine.filter(|row| row.raw.get().contains(&hash)).count()
            };
            wanted.iter().all(|desk| shown(desk) == 1).then_some(())
        };
        soon("picture at every desk", arrived, || field.site.logs()).await;
        field.mend();
    })
}
