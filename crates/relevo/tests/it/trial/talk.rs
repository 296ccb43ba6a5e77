//! Contacts and agents who all talk at once.

use super::dice::Dice;
use super::site::Site;
use crate::wait::{soon, within};
use relevo::demo::Line;
use sandbox::ledger::{Row, Service};
use sandbox::letstalk::MemberRole;
use serde_json::Value;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use testkit::oracle::{Mark, Said, Way};

/// Who talks, and how much.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Contacts on every line who talk with an agent, both ways.
    pub humans: usize,
    /// Contacts of every company who talk with the bot.
    pub bots: usize,
    /// Contacts of every company who ask for a person when the trouble has begun.
    pub late: usize,
    /// Words of each side of each talk.
    pub each: u32,
    /// Longest pause between two of them, in milliseconds.
    pub pace: u64,
}

impl Default for Load {
    fn default() -> Self {
        Self {
            humans: 1,
            bots: 1,
            late: 1,
            each: 12,
            pace: 220,
        }
    }
}

/// How a contact is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// Talks with an agent since before the trouble.
    Human,
    /// Talks with the bot.
    Bot,
    /// Asks for a person in the middle of it.
    Late,
}

/// A contact's talk with a company.
#[derive(Clone, Debug)]
pub struct Talk {
    pub company: usize,
    pub line: Line,
    pub contact: String,
    pub name: String,
    pub mood: Mood,
    /// Let's Talk's conversation, of a [`Mood::Human`].
    pub desk: i64,
    pub organization: i64,
    agent: i64,
}

impl Talk {
    pub fn tenant(&self) -> String {
        format!("t{}", self.company)
    }
}

/// All of them; a cheap handle.
#[derive(Clone)]
pub struct Talks(Arc<Inner>);

struct Inner {
    load: Load,
    all: Vec<Talk>,
    said: Mutex<Vec<Said>>,
    count: AtomicUsize,
}

/// Longest wait for a webhook to be taken: the trouble may last.
const LONG: Duration = Duration::from_secs(180);

impl Talks {
    /// Brings contacts and agents together, before anything goes wrong.
    pub async fn open(site: &Site, load: Load, dice: &Dice) -> Self {
        let mut all = Vec::new();
        for (company, made) in site.companies.iter().enumerate() {
            let mut add = |line: &Line, mood: Mood| {
                // The same people write to every company: what leaks would find its reader.
                let number = all.iter().filter(|it: &&Talk| it.company == company);
                let number = number.count();
                all.push(Talk {
                    company,
                    line: line.clone(),
                    contact: format!("54911555{number:05}"),
                    name: format!("{}.{number}", line.kind.name()),
                    mood,
                    desk: 0,
                    organization: made.organization,
                    agent: made.agent,
                });
            };
            for _ in 0..load.humans {
                made.lines.iter().for_each(|line| add(line, Mood::Human));
            }
            for (count, mood) in [(load.bots, Mood::Bot), (load.late, Mood::Late)] {
                for _ in 0..count {
                    let line = usize::try_from(dice.next()).unwrap() % made.lines.len();
                    add(&made.lines[line], mood);
                }
            }
        }
        let opening = all.iter_mut().filter(|it| it.mood == Mood::Human);
        futures::future::join_all(opening.map(|talk| meet(site, talk))).await;
        Self(Arc::new(Inner {
            load,
            all,
            said: Mutex::default(),
            count: AtomicUsize::default(),
        }))
    }

    pub fn all(&self) -> &[Talk] {
        &self.0.all
    }

    /// The sender's ledger.
    pub fn ledger(&self) -> Vec<Said> {
        self.0.said.lock().unwrap().clone()
    }

    /// How many words will be said.
    pub fn total(&self) -> usize {
        let sides = |talk: &Talk| 1 + usize::from(talk.mood == Mood::Human);
        let sides: usize = self.0.all.iter().map(sides).sum();
        sides * self.0.load.each as usize
    }

    /// How many are.
    pub fn said(&self) -> usize {
        self.0.count.load(Ordering::SeqCst)
    }

    /// Everybody says all their words.
    pub async fn run(&self, site: &Site, dice: &Dice) {
        let sides = self.0.all.iter().map(|talk| async {
            match talk.mood {
                Mood::Human => {
                    tokio::join!(
                        self.contact(site, talk, Way::ToDesk, dice),
                        self.agent(site, talk, dice)
                    );
                }
                Mood::Bot => self.contact(site, talk, Way::ToBot, dice).await,
                Mood::Late => {
                    // Everybody else has begun.
                    let begun = || (self.said() * 5 >= self.total()).then_some(());
                    within(LONG, "begun talk", begun, String::new).await;
                    let mut seen = 0;
                    write(site, talk, "quiero hablar con una persona", &mut seen).await;
                    self.contact(site, talk, Way::ToDesk, dice).await;
                }
            }
        });
        futures::future::join_all(sides).await;
    }

    fn words(&self, talk: &Talk, way: Way, seq: u32, dice: &Dice) -> String {
        let mark = Mark {
            way,
            tenant: talk.tenant(),
            talk: talk.name.clone(),
            seq,
        };
        let more = [
            "piñata",
            "¿y el horario?",
            "🙂🙂",
            "über café",
            "línea\nnueva",
            "ok",
        ];
        let text = format!("{mark} horario {}", dice.pick(&more));
        let at_ms = site_ms();
        let mut said = self.0.said.lock().unwrap();
        said.push(Said {
            mark,
            text: text.clone(),
            at_ms,
            taken: true,
        });
        drop(said);
        self.0.count.fetch_add(1, Ordering::SeqCst);
        text
    }

    async fn contact(&self, site: &Site, talk: &Talk, way: Way, dice: &Dice) {
        let mut seen = 0;
        for seq in 0..self.0.load.each {
            let text = self.words(talk, way, seq, dice);
            if !write(site, talk, &text, &mut seen).await {
                let mut said = self.0.said.lock().unwrap();
                let mine = said.iter_mut().rev().find(|said| said.text == text);
                mine.unwrap().taken = false;
            }
            dice.wait(0..self.0.load.pace + 1).await;
        }
    }

    async fn agent(&self, site: &Site, talk: &Talk, dice: &Dice) {
        let letstalk = &site.sandbox.services.letstalk;
        for seq in 0..self.0.load.each {
            let text = self.words(talk, Way::ToContact, seq, dice);
            letstalk.agent_says(talk.agent, talk.desk, &text).unwrap();
            dice.wait(0..self.0.load.pace + 1).await;
        }
    }
}

/// Milliseconds since 1970, as the simulators' ledgers count them.
pub fn site_ms() -> u64 {
    sandbox::clock::Clock::default().now_ms()
}

/// The contact writes. Only Telegram keeps the order of webhooks that wait; on the others a
/// contact's next word comes after the business has taken the one before.
async fn write(site: &Site, talk: &Talk, text: &str, seen: &mut u64) -> bool {
    let phone = &site.sandbox.services.phone;
    let kind = talk.line.sandbox_kind();
    let id = phone.say(kind, &talk.line.account, &talk.contact, text);
    let id = id.unwrap();
    if talk.line.kind.name() == "telegram" {
        return true;
    }
    let started = Instant::now();
    let taken = |row: &Row| {
        let raw = || serde_json::from_str::<Value>(row.raw.get()).unwrap_or_default();
        row.id == id && (row.kind == "webhook_given_up" || raw()["status"] == 200)
    };
    let ledger = &site.sandbox.core.ledger;
    let row = ledger.wait_for(Service::Webhook, *seen, LONG, taken).await;
    assert!(
        started.elapsed() < LONG,
        "«{text}» was not taken:\n{}",
        site.logs()
    );
    *seen = row.as_ref().map_or(*seen, |row| row.seq);
    // A platform that gave up was promised nothing.
    row.is_some_and(|row| row.kind != "webhook_given_up")
}

/// A contact asks for a person, and somebody is there.
async fn meet(site: &Site, talk: &mut Talk) {
    write(site, talk, "quiero hablar con una persona", &mut 0).await;
    let letstalk = &site.sandbox.services.letstalk;
    let client = |id: &i64| {
        let conversation = letstalk.conversation(*id)?;
        let client = letstalk.person(conversation.client)?;
        client.email.contains(&talk.contact).then_some(*id)
    };
    let find = || {
        let ids = letstalk.conversation_ids(talk.organization);
        ids.iter().find_map(client)
    };
    let desk = soon("conversation at the desk", find, || site.logs()).await;
    letstalk.join(talk.agent, desk, MemberRole::Member).unwrap();
    let hello = format!("Hola, {}", talk.name);
    letstalk.agent_says(talk.agent, desk, &hello).unwrap();
    let phone = &site.sandbox.services.phone;
    let kind = talk.line.sandbox_kind();
    let heard = || {
        let all = phone.messages(kind, &talk.line.account, &talk.contact);
        let hers = all.iter().any(|it| it.content.summary() == hello);
        hers.then_some(())
    };
    soon("greeting", heard, || site.logs()).await;
    talk.desk = desk;
}
