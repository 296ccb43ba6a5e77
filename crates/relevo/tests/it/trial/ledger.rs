//! What arrived: the simulators' ledgers, read over HTTP as anybody could.

use super::field::Field;
use super::talk::Mood;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use testkit::oracle::{Arrived, Books, Mark, Place, Way};

/// The simulators that write down what arrives.
const RECEIVERS: [&str; 4] = ["letstalk", "telegram", "graph", "bot"];

/// Reads on from where it was.
#[derive(Default)]
pub struct Reader {
    after: HashMap<&'static str, u64>,
    books: Books,
    /// Let's Talk was offered something it had already.
    pub offered_again: usize,
}

impl Reader {
    /// Where everything belongs.
    pub fn new(field: &Field) -> Self {
        let mut books = Books::default();
        for talk in field.talks.all() {
            let mut put = |way: Way, account: &str, thread: Option<String>| {
                let loose = way == Way::ToContact && talk.line.kind.name() == "telegram";
                let place = Place {
                    account: account.to_owned(),
                    thread,
                    loose,
                };
                let key = (talk.tenant(), talk.name.clone(), way);
                books.places.insert(key, place);
            };
            let organization = talk.organization.to_string();
            match talk.mood {
                Mood::Human => {
                    put(Way::ToDesk, &organization, None);
                    put(
                        Way::ToContact,
                        &talk.line.account,
                        Some(talk.contact.clone()),
                    );
                }
                Mood::Late => put(Way::ToDesk, &organization, None),
                Mood::Bot => put(Way::ToBot, &talk.line.account, None),
            }
        }
        Self {
            books,
            ..Self::default()
        }
    }

    /// Everything that is written by now.
    pub async fn read(&mut self, field: &Field) -> &Books {
        for service in RECEIVERS {
            for row in self.rows(field, service).await {
                self.take(service, &row);
            }
        }
        self.books.said = field.talks.ledger();
        &self.books
    }

    /// The same with what Relevo shows as failed, for the sentence.
    pub async fn complete(&mut self, field: &Field) -> &Books {
        self.read(field).await;
        let failed = "select content::text from messages where status = 'failed'
            and coalesce(failure, '') <> ''";
        for content in field.site.column(failed).await {
            let content = serde_json::from_str(&content).unwrap_or(Value::Null);
            let marks = texts(&content).into_iter().filter_map(Mark::read);
            self.books.failed.extend(marks);
        }
        &self.books
    }

    async fn rows(&mut self, field: &Field, service: &'static str) -> Vec<Value> {
        let after = self.after.entry(service).or_default();
        let rows = rows(field, service, *after).await;
        *after = rows
            .last()
            .and_then(|row| row["seq"].as_u64())
            .unwrap_or(*after);
        rows
    }

    fn take(&mut self, service: &str, row: &Value) {
        let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        let kind = text("kind");
        let (way, said, identity) = match (service, kind.as_str()) {
            ("letstalk", "message_stored") if row["raw"]["person_type"] == "Client" => {
                (Way::ToDesk, vec![text("text")], None)
            }
            ("letstalk", "duplicate_remote_id") => {
                self.offered_again += 1;
                return;
            }
            ("telegram" | "graph", "delivered") => (Way::ToContact, vec![text("text")], None),
            // The platform's own bytes: a repeated webhook is known by the ids in it.
            ("bot", "webhook") => {
                let raw = &row["raw"];
                let said = texts(raw).into_iter().map(str::to_owned).collect();
                (Way::ToBot, said, Some(raw.to_string()))
            }
            _ => return,
        };
        let marked: BTreeSet<String> = said
            .into_iter()
            .filter(|text| Mark::read(text).is_some())
            .collect();
        self.books
            .arrived
            .extend(marked.into_iter().map(|said| Arrived {
                way,
                account: text("account"),
                thread: text("conversation"),
                identity: identity.clone(),
                text: said,
                at_ms: row["at_ms"].as_u64().unwrap_or_default(),
            }));
    }
}

async fn rows(field: &Field, service: &str, after: u64) -> Vec<Value> {
    let console = &field.site.sandbox.urls.console;
    let url = format!("{console}/ledger/{service}?after={after}&limit=1000000");
    let answer = field.site.sandbox.core.http.get(url).send().await.unwrap();
    answer.json().await.unwrap()
}

/// All that the simulators wrote down about some words and about the news of them, for a person
/// who wants to know what happened: a line each, with the milliseconds since the first of them.
pub async fn story(field: &Field, marks: &BTreeSet<Mark>) -> String {
    let mut told = Vec::new();
    let mut about = BTreeSet::new();
    for service in RECEIVERS.into_iter().chain(["webhook"]) {
        for row in rows(field, service, 0).await {
            let text = row["text"].as_str().unwrap_or_default();
            let known = Mark::read(text).is_some_and(|mark| marks.contains(&mark));
            let id = row["id"].as_str().unwrap_or_default();
            if known {
                about.insert(id.to_owned());
            }
            if known || (!id.is_empty() && about.contains(id)) {
                let at = row["at_ms"].as_u64().unwrap_or_default();
                told.push((at, format!("{service} {row}")));
            }
        }
    }
    told.sort();
    let first = told.first().map_or(0, |(at, _)| *at);
    let lines = told
        .iter()
        .map(|(at, row)| format!("{:>7} {row}", at - first));
    lines.collect::<Vec<_>>().join("\n")
}

/// Every text in a document.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(all) => all.iter().flat_map(texts).collect(),
        Value::Object(all) => all.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}
