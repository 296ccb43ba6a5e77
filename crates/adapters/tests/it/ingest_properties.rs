//! Whatever happens in whatever order, several things at once: nothing is lost, doubled or left
//! between the chairs.

use crate::support::{Company, Desk, HOLD, House};
use adapters::ingest::{
    BotMessage, Command, IngestError, OpenedDesk, SentPart, Stored, Submission, TryResult,
};
use adapters::store::StoreError;
use domain::contact::ContactAddress;
use domain::handoff::EndReason;
use domain::message::{Content, DeliveryStatus, DeliveryTarget, DeliveryUpdate};
use domain::outbound::{Claim, Failure, Lane, SendError, Task};
use domain::ports::{ChannelEvent, Clock, EchoOrigin};
use futures::future::join_all;
use proptest::prelude::*;
use serde_json::json;
use std::sync::Mutex;
use std::time::Duration;

/// One thing that happens. Contacts, messages and desk conversations are few, so that things
/// repeat and meet.
#[derive(Clone, Debug)]
enum Happening {
    Says { who: u8, mid: u8 },
    Reads { mid: u8, status: u8 },
    Echo { who: u8, mid: u8, ours: bool },
    BotSays { who: u8 },
    HandOff { who: u8 },
    End { who: u8 },
    Desk { who: u8, nth: u8, id: u8, what: u8 },
    Work { who: u8, lane: usize, how: u8 },
    Late,
    Ring,
    Pass { seconds: u16 },
}

fn happening() -> impl Strategy<Value = Happening> {
    use Happening::{BotSays, Desk, Echo, End, HandOff, Late, Pass, Reads, Ring, Says, Work};
    let who = || 0_u8..3;
    prop_oneof![
        6 => (who(), any::<u8>()).prop_map(|(who, mid)| Says { who, mid: mid % 40 }),
        2 => (any::<u8>(), 0_u8..4).prop_map(|(mid, status)| Reads { mid: mid % 20, status }),
        1 => (who(), any::<u8>(), any::<bool>()).prop_map(|(who, mid, ours)| Echo { who, mid: mid % 20, ours }),
        2 => who().prop_map(|who| BotSays { who }),
        3 => who().prop_map(|who| HandOff { who }),
        1 => who().prop_map(|who| End { who }),
        6 => (who(), 0_u8..3, 0_u8..30, 0_u8..6).prop_map(|(who, nth, id, what)| Desk { who, nth, id, what }),
        9 => (who(), 0..Lane::ALL.len(), 0_u8..5).prop_map(|(who, lane, how)| Work { who, lane, how }),
        1 => Just(Late),
        1 => Just(Ring),
        1 => (0_u16..1200).prop_map(|seconds| Pass { seconds }),
    ]
}

/// What outlives a step: claims whose worker fell asleep.
struct World<'a> {
    house: &'a House,
    company: Company,
    asleep: Mutex<Vec<Claim>>,
}

impl World<'_> {
    async fn happens(&self, what: &Happening) {
        let (house, company) = (self.house, &self.company);
        let key = |who: u8| format!("c{who}");
        match *what {
            Happening::Says { who, mid } => {
                let text = company.text(&key(who), &format!("m{mid}"), "hola");
                self.submit(Submission::Webhook(company.hook(vec![text])))
                    .await;
            }
            Happening::Reads { mid, status } => {
                let update = DeliveryUpdate {
                    which: DeliveryTarget::External {
                        id: format!("w{mid}"),
                        identity: None,
                    },
                    status: [
                        DeliveryStatus::Sent,
                        DeliveryStatus::Delivered,
                        DeliveryStatus::Read,
                        DeliveryStatus::Failed,
                    ][usize::from(status)],
                    failure: None,
                    at: house.now(),
                };
                let address = ContactAddress::of("c0");
                let event = company.event(address, "news", ChannelEvent::Delivery(update));
                self.submit(Submission::Webhook(company.hook(vec![event])))
                    .await;
            }
            Happening::Echo { who, mid, ours } => {
                let event = ChannelEvent::Echo {
                    external_id: format!("w{mid}"),
                    identity: None,
                    origin: if ours {
                        EchoOrigin::Ours
                    } else {
                        EchoOrigin::Foreign
                    },
                    content: Content::text("eco"),
                };
                let event = company.event(ContactAddress::of(key(who)), "echo", event);
                self.submit(Submission::Webhook(company.hook(vec![event])))
                    .await;
            }
            Happening::BotSays { who } => {
                let said = BotMessage {
                    tenant: company.id(),
                    channel: company.channel.id,
                    to: ContactAddress::of(key(who)),
                    content: Some(Content::text("soy el bot")),
                    already_said: false,
                };
                self.submit(Submission::BotSays(said)).await;
            }
            Happening::HandOff { who } => {
                if let Some(id) = self.conversation(who).await {
                    self.submit(Submission::Command(company.wants_human(id)))
                        .await;
                }
            }
            Happening::End { who } => {
                if let Some(conversation) = self.conversation(who).await {
                    let reason = EndReason::OperatorForced;
                    let (tenant, handoff) = (company.id(), None);
                    let end = Command::End {
                        tenant,
                        conversation,
                        handoff,
                        reason,
                    };
                    self.submit(Submission::Command(end)).await;
                }
            }
            Happening::Desk { who, nth, id, what } => {
                let desk = Desk {
                    conversation: at_desk(who, nth.into()),
                };
                let id = 1000 * i64::from(who) + 100 * i64::from(nth) + i64::from(id) + 1;
                let time = u64::try_from(id).unwrap_or(0);
                let event = match what {
                    0 | 1 => desk.agent(id, time, "hola, soy Rosa"),
                    2 => desk.listed(id, json!({ "content": "hola, soy Rosa" })),
                    3 => desk.message(id, time, json!({ "internal": true, "content": "nota" })),
                    4 => desk.joined(77, 500_000 + time),
                    _ => desk.closed(600_000 + time),
                };
                house.desk(company, vec![event]).await;
            }
            Happening::Work { who, lane, how } => self.work(who, Lane::ALL[lane], how).await,
            Happening::Late => {
                let claim = self.asleep.lock().unwrap().pop();
                if let Some(claim) = claim {
                    self.submit(tried(claim, TryResult::Done(Stored::default())))
                        .await;
                }
            }
            Happening::Ring => {
                for due in house.store.due_timers(9).await.unwrap() {
                    self.submit(Submission::Timer(due)).await;
                }
            }
            Happening::Pass { seconds } => house.clock.advance(Duration::from_secs(seconds.into())),
        }
    }

    async fn work(&self, who: u8, lane: Lane, how: u8) {
        let Some(id) = self.conversation(who).await else {
            return;
        };
        let Ok(claim) = self.company.tenant.claim(id, lane, HOLD).await else {
            return;
        };
        let down = || SendError::clear(Failure::Transient { retry_after: None }, "down");
        let result = match how {
            0 | 1 => TryResult::Done(self.done(who, &claim).await),
            2 => TryResult::Later {
                at: self.house.clock.now().after(Duration::from_secs(5)),
                counts: true,
                error: SendError::ambiguous("no answer"),
                progress: json!(null),
                parts: Vec::new(),
                note: None,
            },
            3 => TryResult::Dead {
                error: down(),
                parts: Vec::new(),
            },
            _ => {
                self.asleep.lock().unwrap().push(claim);
                return;
            }
        };
        self.submit(tried(claim, result)).await;
    }

    async fn done(&self, who: u8, claim: &Claim) -> Stored {
        match claim.task {
            Task::OpenDesk { handoff } => {
                let values = vec![handoff.0.into()];
                let before = "select count(*) from handoffs h where h.requested_at <
                        (select requested_at from handoffs where id = $1)
                    and h.conversation_id = (select conversation_id from handoffs where id = $1)";
                let nth = self.house.number(before, values).await;
                let desk_conversation =
                    at_desk(who, nth) + i64::from(claim.id.0 as i32) * 1_000_000;
                // The first handoffs get the numbers that the desk's events speak of.
                let taken = "select count(*) from handoffs where desk_conversation = $1";
                let usual = at_desk(who, nth);
                let free = self.house.number(taken, vec![usual.into()]).await == 0;
                let desk_conversation = if free { usual } else { desk_conversation };
                let opened = Some(OpenedDesk {
                    handoff,
                    desk_conversation,
                });
                Stored {
                    opened,
                    ..Stored::default()
                }
            }
            Task::SendToContact { message } => {
                let part = SentPart {
                    part: 0,
                    identity: message.delivery_identity(0),
                    external_id: format!("w{}", claim.id.0 % 20),
                };
                Stored {
                    parts: vec![part],
                    ..Stored::default()
                }
            }
            _ => Stored::default(),
        }
    }

    async fn conversation(&self, who: u8) -> Option<domain::ids::ConversationId> {
        let conversations = self.company.tenant.conversations();
        let row = conversations
            .by_contact(self.company.channel.id, &format!("c{who}"))
            .await;
        row.ok().map(|row| row.conversation.id)
    }

    async fn submit(&self, submission: Submission) {
        match self.house.submit(submission).await {
            Ok(_) | Err(IngestError::Store(StoreError::Stale)) => {}
            Err(error) => panic!("{error}"),
        }
    }

    /// Nobody's words fell between the chairs.
    async fn check(&self) {
        self.house.check().await;
        let lost = "select count(*) from messages m where m.author = 'contact'
            and not exists (select 1 from outbox o where o.tenant_id = m.tenant_id
                and o.message_id = m.id and o.lane in (1, 2))";
        assert_eq!(
            self.house.number(lost, vec![]).await,
            0,
            "a contact's word is for somebody"
        );
        let unsaid = "select count(*) from messages m where m.author in ('agent', 'system')
            and m.status <> 'failed' and not exists (select 1 from outbox o
                where o.tenant_id = m.tenant_id and o.message_id = m.id and o.lane = 0)";
        assert_eq!(
            self.house.number(unsaid, vec![]).await,
            0,
            "an agent's word is on its way"
        );
        let internal = "select count(*) from messages m where m.content like '%nota%'";
        assert_eq!(
            self.house.number(internal, vec![]).await,
            0,
            "notes stay inside"
        );
        let twice = "select count(*) from (select dedupe_key from messages
            where dedupe_key is not null group by channel_id, dedupe_key having count(*) > 1) as x";
        assert_eq!(self.house.number(twice, vec![]).await, 0, "everything once");
    }
}

fn at_desk(who: u8, nth: i64) -> i64 {
    500 + 10 * i64::from(who) + nth
}

fn tried(claim: Claim, result: TryResult) -> Submission {
    Submission::Tried(std::sync::Arc::new(adapters::ingest::TryOutcome {
        claim,
        result,
    }))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 60, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_happenings_loses_or_doubles_anything(
        steps in prop::collection::vec(prop::collection::vec(happening(), 1..4), 10..60)
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let house = House::on_sqlite().await;
            let company = house.company("uno").await;
            let world = World { house: &house, company, asleep: Mutex::default() };
            for at_once in &steps {
                join_all(at_once.iter().map(|h| world.happens(h))).await;
            }
            world.check().await;
        });
    }
}
