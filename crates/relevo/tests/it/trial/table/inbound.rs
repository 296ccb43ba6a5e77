//! Webhooks in copies, out of order, in bursts (F30, F31, F44).

use crate::trial::field::Field;
use crate::trial::run::Trial;
use crate::trial::talk::Load;
use crate::trial::trials;
use futures::future::BoxFuture;
use sandbox::fault::{Action, FaultRule, FaultService};

trials! {
    f30_a_webhook_comes_a_hundred_times_at_once_to_two_processes: Trial::new(copies);
    f31_webhooks_of_different_contacts_come_in_another_order: Trial::new(shuffled);
    f44_many_contacts_write_twenty_messages_at_once: Trial::new(nothing).with(Load {
        humans: 2,
        bots: 2,
        late: 1,
        each: 20,
        pace: 0,
    });
}

fn copies(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        field.said(0.2).await;
        let many = FaultRule::new(
            FaultService::Webhook,
            Action::Duplicate {
                copies: 100,
                fresh: false,
            },
        );
        let rule = field.fault(many.times(4 * u64::from(field.factor)));
        let few = Action::Duplicate {
            copies: 3,
            fresh: false,
        };
        field.fault(FaultRule::new(FaultService::Webhook, few).chance(0.5, field.dice.next()));
        field.struck(rule, 4).await;
        field.said(1.0).await;
        field.mend();
    })
}

fn shuffled(field: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {
        field.said(0.1).await;
        let rule = FaultRule::new(FaultService::Webhook, Action::Reorder { window: 3 });
        field.fault(rule);
        field.said(1.0).await;
        field.mend();
    })
}

fn nothing(_: &Field) -> BoxFuture<'_, ()> {
    Box::pin(async {})
}
