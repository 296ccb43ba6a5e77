//! The moment somebody gets in.

use crate::extract::{Visitor, known};
use crate::pages::error::PageError;
use crate::security::csrf;
use crate::security::session_store::LOGIN;
use domain::ids::MemberId;
use domain::tenant::Member;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The key under which a session remembers who has still to show the second factor.
const HALFWAY: &str = "halfway";

/// How long somebody may look for their telephone.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// Somebody whose password was right and whose second factor is still to come.
#[derive(Serialize, Deserialize)]
pub(super) struct Halfway {
    pub member: MemberId,
    /// Where to go on.
    pub next: String,
    until: Timestamp,
}

fn broken(error: impl ToString) -> PageError {
    PageError::Broken(error.to_string())
}

/// Logs a member in under a new session key, so that one planted before is worthless. A login
/// that this browser had before ends.
pub(crate) async fn begin(visitor: &Visitor, member: &Member) -> Result<(), PageError> {
    let store = &visitor.app.store;
    if let Some((login, before)) = known(visitor).await? {
        store.login_end(&before, login).await?;
    }
    let login = store.login_begin(member, &visitor.device, &visitor.address);
    let login = login.await?;
    let session = &visitor.session;
    session.remove(HALFWAY);
    session.renew();
    csrf::fresh(session);
    session.insert(LOGIN, login.to_string()).map_err(broken)
}

/// Remembers that the password was right, under a new session key too.
pub(super) fn halfway(visitor: &Visitor, member: &Member, next: &str) -> Result<(), PageError> {
    visitor.session.renew();
    csrf::fresh(&visitor.session);
    let halfway = Halfway {
        member: member.id,
        next: next.to_owned(),
        until: visitor.app.clock.now().after(PATIENCE),
    };
    visitor.session.insert(HALFWAY, halfway).map_err(broken)
}

/// Who has still to show the second factor in this browser.
pub(super) fn waiting(visitor: &Visitor) -> Option<Halfway> {
    let halfway = visitor.session.get::<Halfway>(HALFWAY).ok().flatten()?;
    (visitor.app.clock.now() < halfway.until).then_some(halfway)
}
