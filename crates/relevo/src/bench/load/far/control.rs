//! What the benchmark asks of the other side.

use super::super::verdict::Notes;
use super::{Far, lock};
use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Query};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// All that was noted.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(in super::super) struct Noted {
    /// What contacts said and a desk got.
    pub at_desk: Notes,
    /// What agents said.
    pub said: Notes,
    /// What agents said and a line got.
    pub at_line: Notes,
    /// How often contacts were told that their message was read.
    pub read_marks: u64,
    /// Messages that came out in somebody else's talk.
    pub misdirected: usize,
    /// Conversations that were opened at desks.
    pub talks: usize,
    /// Long polls that are held now.
    pub polls: usize,
    /// The most subscriptions that began in one second.
    pub most_began: u64,
    /// Requests that no platform would have taken, by what was wrong.
    pub refused: BTreeMap<String, u64>,
}

impl Noted {
    /// How far things are, for whoever waited in vain.
    pub fn told(&self) -> String {
        format!(
            "{} polls held, {} conversations open, {} messages at the desks, agents said {} of which \
             {} reached a line, refused: {:?}",
            self.polls,
            self.talks,
            self.at_desk.count,
            self.said.count,
            self.at_line.count,
            self.refused,
        )
    }
}

/// Answers what was noted; with `light`, without the messages themselves.
pub(super) async fn notes(far: Data<Far>, asked: Query<Asked>) -> HttpResponse {
    let whole = |notes: &Mutex<Notes>| {
        let notes = lock(notes);
        if asked.light {
            notes.light()
        } else {
            notes.clone()
        }
    };
    HttpResponse::Ok().json(Noted {
        at_desk: whole(&far.at_desk),
        said: whole(&far.said),
        at_line: whole(&far.at_line),
        read_marks: far.read_marks.load(Ordering::Relaxed),
        misdirected: lock(&far.desk_pairs).misdirected + lock(&far.line_pairs).misdirected,
        talks: lock(&far.talks).count(),
        polls: far.streams.open(),
        most_began: far.streams.most_began(),
        refused: lock(&far.refused).clone(),
    })
}

/// How much is wanted.
#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    light: bool,
}

/// Whose desks are broken, and how.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(in super::super) struct Down {
    /// They answer 503.
    pub refusing: BTreeSet<i64>,
    /// They take a message and say nothing.
    pub silent: BTreeSet<i64>,
}

/// Longest time that a silent desk holds a request, and how often it looks whether it is mended.
const SILENCE: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(100);

/// What a broken desk answers: nothing of what it was told has arrived. `None`: it is well.
pub(super) async fn broken(far: &Far, organization: i64) -> Option<HttpResponse> {
    let until = tokio::time::Instant::now() + SILENCE;
    let silent = || lock(&far.down).silent.contains(&organization);
    let was_silent = silent();
    while silent() && tokio::time::Instant::now() < until {
        tokio::time::sleep(LOOK).await;
    }
    let refuses = was_silent || lock(&far.down).refusing.contains(&organization);
    refuses.then(|| HttpResponse::ServiceUnavailable().finish())
}

pub(super) async fn down(far: Data<Far>, wanted: Json<Down>) -> HttpResponse {
    *lock(&far.down) = wanted.into_inner();
    HttpResponse::Ok().finish()
}

pub(super) async fn echo(far: Data<Far>, wanted: Json<bool>) -> HttpResponse {
    far.echoes.store(wanted.into_inner(), Ordering::Relaxed);
    HttpResponse::Ok().finish()
}

/// Forgets what was noted; conversations stay open.
pub(super) async fn clear(far: Data<Far>, _nothing: Json<()>) -> HttpResponse {
    for notes in [&far.at_desk, &far.said, &far.at_line] {
        *lock(notes) = Notes::default();
    }
    far.read_marks.store(0, Ordering::Relaxed);
    HttpResponse::Ok().finish()
}
