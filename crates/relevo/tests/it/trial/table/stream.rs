//! PubNub: down for long, refusing, garbage, copies, another order, losses (F5, F6, F46).

use crate::trial::field::{Field, answers};
use crate::trial::run::Trial;
use crate::trial::talk::Load;
use crate::trial::trials;
use futures::future::BoxFuture;
use sandbox::fault::{Action, FaultRule, FaultService};
use sandbox::pubnub::SettingsPatch;

trials! {
    f06_pubnub_is_down_for_longer_than_it_remembers: Trial::new(overrun).with(Load {
        each: 40,
        pace: 40,
        bots: 0,
        late: 0,
        ..Load::default()
    });
    #[ignore = "long form"]
    f06_pubnub_remembers_ten_messages: Trial::new(short_memory);
    f06_pubnub_answers_garbage: Trial::new(garbage);
    #[ignore = "long form"]
    f06_pubnub_refuses_for_a_while: Trial::new(refused);
    f06_pubnub_tells_everything_three_times: Trial::new(copies);
    f46_all_polls_are_cut_at_once_again_and_again: Trial::new(cut);
}

fn poll(action: Action) -> FaultRule {
    FaultRule::new(FaultService::PubNub, action)
        .method("GET")
        .path("/v2/subscribe")
}

fn overrun(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        field.said(0.05).await;
        field.fault(poll(answers(503)));
        field.site.sandbox.services.pubnub.cut_all_polls();
        field.said(0.95).await;
        field.mend();
    })
}

/// Of what is said while nobody can listen, ten messages are left.
fn short_memory(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        let network = &field.site.sandbox.services.pubnub;
        let remember = |messages| {
            for keyset in network.keysets() {
                keyset.change_settings(&SettingsPatch {
                    queue_limit: Some(messages),
                    ..SettingsPatch::default()
                });
            }
        };
        field.said(0.2).await;
        field.fault(poll(Action::ResetBefore));
        network.cut_all_polls();
        remember(10);
        field.said(0.9).await;
        remember(100);
        field.mend();
    })
}

fn garbage(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        field.said(0.1).await;
        field.fault(poll(Action::Garbage { after: false }).chance(0.5, field.dice.next()));
        field.fault(poll(Action::Garbage { after: true }).chance(0.3, field.dice.next()));
        field.site.sandbox.services.pubnub.cut_all_polls();
        field.last(2000..3000).await;
        field.mend();
    })
}

fn refused(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        field.said(0.2).await;
        let rule = field.fault(poll(answers(403)));
        field.site.sandbox.services.pubnub.cut_all_polls();
        field.struck(rule, 2).await;
        field.mend();
    })
}

fn copies(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        for fresh in [false, true] {
            let copies = Action::Duplicate { copies: 3, fresh };
            let rule = FaultRule::new(FaultService::PubNub, copies).method("SEND");
            field.fault(rule.chance(0.5, field.dice.next()));
        }
        field.said(1.0).await;
        field.mend();
    })
}

fn cut(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        field.said(0.1).await;
        for _ in 0..10 * field.factor {
            field.site.sandbox.services.pubnub.cut_all_polls();
            field.dice.wait(50..250).await;
        }
    })
}
