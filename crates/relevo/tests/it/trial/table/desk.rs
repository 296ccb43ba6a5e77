//! What Let's Talk may answer (F4, F19 to F25).

use crate::trial::field::{Field, answers, answers_with, desk_messages};
use crate::trial::run::Trial;
use crate::trial::site::Seat;
use crate::trial::trials;
use futures::future::BoxFuture;
use sandbox::fault::{Action, FaultRule, FaultService};
use sandbox::ledger::Service;
use serde_json::Value;

trials! {
    f04_a_worker_is_killed_while_lets_talk_has_its_request: Trial::new(in_flight).ambiguous(6);
    f19_lets_talk_fails_most_of_the_time: Trial::new(failing);
    f20_lets_talk_wants_a_pause_of_two_seconds: Trial::new(pause_in_seconds);
    #[ignore = "long form"]
    f20_lets_talk_wants_a_pause_until_a_date: Trial::new(pause_until);
    f21_lets_talk_takes_a_message_and_cuts_the_answer: Trial::new(answer_cut);
    #[ignore = "long form"]
    f21_lets_talk_cuts_before_it_takes_anything: Trial::new(request_cut);
    f22_lets_talk_hangs_and_trickles: Trial::new(hangs);
    f23_lets_talk_answers_garbage: Trial::new(garbage);
    #[ignore = "long form"]
    f23_lets_talk_answers_without_end: Trial::new(endless);
    f23_lets_talk_points_elsewhere: Trial::new(elsewhere);
    f24_lets_talk_refuses_the_token: Trial::new(|field| refused(field, 401));
    #[ignore = "long form"]
    f24_lets_talk_forbids: Trial::new(|field| refused(field, 403));
    f25_lets_talk_refuses_some_messages_for_good: Trial::new(unfit).may_fail();
}

fn any(action: Action) -> FaultRule {
    FaultRule::new(FaultService::LetsTalk, action)
}

fn in_flight(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        field.said(0.3).await;
        let rule = field.fault(desk_messages(Action::Slow { ms_per_byte: 200 }));
        field.struck(rule, 2).await;
        for seat in Seat::WORKERS {
            field.site.kill(seat);
            field.dice.wait(0..400).await;
        }
        field.mend();
    })
}

fn failing(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        field.said(0.2).await;
        for status in [500, 502, 503, 504] {
            field.fault(any(answers(status)).chance(0.3, field.dice.next()));
        }
        field.last(2000..3000).await;
        field.mend();
    })
}

fn paused(field: &Field, until: String) -> BoxFuture<'_, ()> {
    Box::pin(async move {
        field.said(0.3).await;
        let answer = answers_with(429, &[("retry-after", &until)], "");
        let rule = field.fault(desk_messages(answer));
        field.struck(rule, 1).await;
        field.dice.wait(1500..1800).await;
        // Whoever is told to wait waits, and so do those who ask for the same company: what was
        // under way at once, and hardly more.
        let asked = field.site.sandbox.core.faults.hits(rule);
        assert!(asked <= 24, "{asked} requests in a pause");
        field.mend();
    })
}

fn pause_in_seconds(field: &Field) -> BoxFuture<'_, ()> {
    paused(field, "2".to_owned())
}

fn pause_until(field: &Field) -> BoxFuture<'_, ()> {
    let at = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(5);
    paused(field, at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string())
}

fn answer_cut(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        field.said(0.2).await;
        let rule = desk_messages(Action::ResetAfter).chance(0.5, field.dice.next());
        let rule = field.fault(rule.times(8 * u64::from(field.factor)));
        field.struck(rule, 4).await;
        field.said(1.0).await;
        field.mend();
    })
}

fn request_cut(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        field.said(0.2).await;
        let rule = any(Action::ResetBefore).chance(0.5, field.dice.next());
        let rule = field.fault(rule.times(20 * u64::from(field.factor)));
        field.struck(rule, 4).await;
        field.said(1.0).await;
        field.mend();
    })
}

fn hangs(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        field.said(0.2).await;
        field.fault(desk_messages(Action::Hang { ms: 2500 }).times(3));
        let slow = Action::Slow { ms_per_byte: 2 };
        let slow = field.fault(desk_messages(slow).chance(0.5, field.dice.next()).times(6));
        field.struck(slow, 2).await;
        field.said(1.0).await;
        field.mend();
    })
}

fn garbage(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        field.said(0.2).await;
        for after in [true, false] {
            let rule = desk_messages(Action::Garbage { after });
            field.fault(rule.chance(0.4, field.dice.next()).times(6));
        }
        let html = answers_with(
            200,
            &[("content-type", "text/html")],
            "<html>mantenimiento</html>",
        );
        field.fault(desk_messages(html).chance(0.3, field.dice.next()).times(4));
        field.said(1.0).await;
        field.mend();
    })
}

/// An answer of 96 MB to a message that was taken.
fn endless(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        field.said(0.2).await;
        let endless = Action::Status {
            status: 200,
            headers: [("content-type".to_owned(), "application/json".to_owned())].into(),
            body: "{".to_owned(),
            pad_to: 96 << 20,
            after: true,
        };
        let rule = field.fault(desk_messages(endless).times(3));
        field.struck(rule, 3).await;
        field.mend();
    })
}

/// Nobody follows, and nobody shows the token elsewhere.
fn elsewhere(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        field.said(0.2).await;
        let there = format!("{}/stolen", field.site.sandbox.urls.graph);
        let rule = desk_messages(answers_with(301, &[("location", &there)], ""));
        let rule = field.fault(rule.times(4));
        field.struck(rule, 2).await;
        field.said(1.0).await;
        field.mend();
        let rows = field
            .site
            .sandbox
            .core
            .ledger
            .rows(Service::Graph, 0, usize::MAX);
        let stolen = rows.iter().filter(|row| row.kind == "request").any(|row| {
            let raw: Value = serde_json::from_str(row.raw.get()).unwrap();
            raw["path"]
                .as_str()
                .is_some_and(|path| path.contains("stolen"))
        });
        assert!(!stolen, "a redirect was followed");
    })
}

fn refused(field: &Field, status: u16) -> BoxFuture<'_, ()> {
    Box::pin(async move {
        field.said(0.3).await;
        let rule = field.fault(desk_messages(answers(status)));
        field.struck(rule, 2).await;
        field.said(1.0).await;
        field.mend();
        field.hurry().await;
    })
}

fn unfit(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        field.said(0.3).await;
        let rule = field.fault(desk_messages(answers(422)).times(3));
        field.struck(rule, 3).await;
        field.mend();
    })
}
