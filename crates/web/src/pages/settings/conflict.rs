//! Saving settings that somebody else may have saved meanwhile. A form carries a mark of what it was
//! opened on; a save is refused only when the same part was changed since.

use crate::extract::Member;
use crate::i18n::When;
use crate::pages::audit::words::{Told, told, who};
use crate::pages::error::PageError;
use adapters::store::{AuditFilter, Recorded, StoreError};
use domain::audit::{Action, ObjectKind};
use domain::tenant::TenantSettings;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::sync::Mutex;

/// The part of the settings that one form holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Texts, waits, policy.
    Texts,
    /// Business hours and holidays.
    Hours,
}

/// Somebody else's save, told to whoever comes second.
pub(crate) struct SettingsConflict {
    /// Who.
    pub who: String,
    /// When.
    pub when: When,
    /// What is stored, and what the form says.
    pub differs: Vec<Told>,
}

/// How a save went.
pub(super) enum Saved {
    /// It is stored.
    Done,
    /// The same part was changed since; the mark to save over it.
    Conflict(SettingsConflict, String),
}

impl Part {
    fn value(self, settings: &TenantSettings) -> Value {
        match self {
            Self::Texts => json!({"language": settings.language, "policy": settings.policy,
                "fallback_phrases": settings.fallback_phrases}),
            Self::Hours => json!({ "hours": settings.hours }),
        }
    }

    /// The settings with this part as in `new`.
    fn put(self, new: &TenantSettings, stored: &TenantSettings) -> TenantSettings {
        let mut whole = stored.clone();
        match self {
            Self::Texts => {
                whole.language = new.language;
                whole.policy.clone_from(&new.policy);
                whole.fallback_phrases.clone_from(&new.fallback_phrases);
            }
            Self::Hours => whole.hours.clone_from(&new.hours),
        }
        whole
    }

    /// What a form remembers of the part it was opened on.
    pub(super) fn mark(self, settings: &TenantSettings) -> String {
        let digest = Sha256::digest(self.value(settings).to_string());
        digest.iter().take(8).map(|b| format!("{b:02x}")).collect()
    }
}

/// Stores a part of the settings that was opened at `mark`; without one, whatever is there. What
/// others did to other parts meanwhile stays.
pub(super) async fn save(
    member: &Member,
    part: Part,
    new: &TenantSettings,
    mark: &str,
) -> Result<Saved, PageError> {
    let theirs = Mutex::new(None);
    let changed = member.store.change_settings(|stored| {
        let fresh = mark.is_empty() || part.mark(stored) == mark;
        if fresh || part.value(stored) == part.value(new) {
            return Ok(part.put(new, stored));
        }
        if let Ok(mut theirs) = theirs.lock() {
            *theirs = Some(stored.clone());
        }
        Err(StoreError::Stale)
    });
    match changed.await {
        Ok(()) => return Ok(Saved::Done),
        Err(StoreError::Stale) => {}
        Err(error) => return Err(error.into()),
    }
    let theirs = theirs.into_inner().ok().flatten();
    let theirs = theirs.ok_or_else(|| PageError::Broken("stale without a reason".to_owned()))?;
    let told = conflict(member, part, &theirs, new).await?;
    Ok(Saved::Conflict(told, part.mark(&theirs)))
}

async fn conflict(
    member: &Member,
    part: Part,
    theirs: &TenantSettings,
    mine: &TenantSettings,
) -> Result<SettingsConflict, PageError> {
    let l = member.visitor.lang;
    let filter = AuditFilter {
        kind: Some(ObjectKind::Settings),
        ..AuditFilter::default()
    };
    // Who changed this part last: the log tells of every part, a few lines back at most.
    let names: &[&str] = match part {
        Part::Texts => &["language", "policy", "fallback_phrases"],
        Part::Hours => &["hours"],
    };
    let lines = member.store.audit().list(&filter, None, 20).await?;
    let last = lines.iter().find(|line| {
        let mut roots = line.differences.iter().filter_map(|d| d.path.first());
        line.action == Some(Action::SettingsUpdated) && roots.any(|r| names.contains(&r.as_str()))
    });
    let at = last.map_or_else(|| member.visitor.app.clock.now(), |line| line.at);
    let (theirs, mine) = (part.value(theirs), part.value(mine));
    Ok(SettingsConflict {
        who: last.map_or_else(|| "Relevo".to_owned(), |line| who(&line.actor, l)),
        when: member.dates().short(at),
        differs: told(&Recorded::of(&theirs).differences(&Recorded::of(&mine)), l),
    })
}
