//! Many faults at once, by chance: the seed says which.

use crate::trial::field::{Field, answers, desk_messages};
use crate::trial::run::{Trial, short};
use crate::trial::site::{Ground, Seat};
use crate::trial::talk::Load;
use crate::trial::trials;
use futures::future::BoxFuture;
use sandbox::fault::{Action, FaultRule, FaultService};

trials! {
    many_faults_at_once_over_many_companies: by_chance();
}

/// Chance is one seed in the row above; every run sees a few.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_faults_at_once_by_a_second_chance() {
    short("many_faults_at_once_over_many_companies", by_chance(), 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_faults_at_once_by_a_third_chance() {
    short("many_faults_at_once_over_many_companies", by_chance(), 3).await;
}

fn by_chance() -> Trial {
    let ground = Ground {
        own_postgres: true,
        companies: 4,
        ..Ground::default()
    };
    let load = Load {
        each: 10,
        ..Load::default()
    };
    Trial::new(many).on(ground).with(load).ambiguous(60)
}

const KINDS: u64 = 12;

fn many(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        field.said(0.05).await;
        for _ in 0..10 * field.factor {
            let kind = field.dice.within(0..KINDS);
            println!("fault {kind}");
            one(field, kind).await;
            field.dice.wait(50..400).await;
            if field.dice.within(0..3) == 0 {
                field.mend();
            }
        }
        field.mend();
    })
}

async fn one(field: &Field, kind: u64) {
    let (site, dice) = (&field.site, &field.dice);
    let odds = 0.2 + 0.5 * dice.share();
    let sometimes = |rule: FaultRule| {
        field.fault(rule.chance(odds, dice.next()).times(10));
    };
    match kind {
        0 | 1 => site.kill(site.any(dice)),
        2 => {
            let seat = dice.pick(&Seat::WORKERS);
            site.pause(seat);
            dice.wait(200..3500).await;
            site.resume(seat);
        }
        3 => site.redis_says(&["FLUSHALL"]),
        4 => {
            site.redis.lock().unwrap().kill();
            dice.wait(100..800).await;
            site.redis.lock().unwrap().resurrect().unwrap();
        }
        5 => {
            let postgres = site.postgres.as_ref().unwrap();
            postgres.kill9().unwrap();
            dice.wait(50..600).await;
            postgres.up().unwrap();
        }
        6 => sometimes(desk_messages(answers(dice.pick(&[429, 500, 502, 503])))),
        7 => sometimes(desk_messages(Action::ResetAfter)),
        8 => sometimes(FaultRule::new(
            FaultService::Graph,
            answers(dice.pick(&[500, 503])),
        )),
        9 => sometimes(FaultRule::new(FaultService::PubNub, Action::ResetBefore)),
        10 => {
            let copies = Action::Duplicate {
                copies: 3,
                fresh: false,
            };
            sometimes(FaultRule::new(FaultService::Webhook, copies));
        }
        _ => site.roll(site.any(dice)).await,
    }
}
