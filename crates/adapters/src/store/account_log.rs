//! What the log says of members' own accounts: that a password or a second factor changed, never
//! to what.

use super::{Change, Object, Recorded, Store, StoreError};
use domain::audit::{Action, By, ObjectKind};
use domain::tenant::{Language, Member};
use sea_orm::ConnectionTrait;
use serde_json::json;

/// That a member's address changed.
pub(super) fn moved(member: &Member, was: &str, became: &str) -> Change {
    about(Action::MemberEmail, member)
        .was(Recorded::of(&json!({"email": was})))
        .became(Recorded::of(&json!({"email": became})))
}

/// That a member chose another name or language; the line names them as they are called now.
pub(super) fn renamed(member: &Member, name: &str, language: Language) -> Change {
    let told = |name: &str, language: Language| {
        Recorded::of(&json!({"name": name, "language": language.code()}))
    };
    let object = Object::of(ObjectKind::Member, member.id, name);
    Change::of(Action::MemberProfile, object)
        .was(told(&member.name, member.language))
        .became(told(name, language))
}

/// Something about a member, without a before and after.
pub(super) fn about(action: Action, member: &Member) -> Change {
    Change::of(
        action,
        Object::of(ObjectKind::Member, member.id, &member.name),
    )
}

impl Store {
    /// Records a change of a member's account in the transaction that makes it.
    pub(super) async fn record_account(
        &self,
        db: &impl ConnectionTrait,
        member: &Member,
        by: &By,
        change: Change,
    ) -> Result<(), StoreError> {
        let tenant = self.tenant(member.tenant).by(by.clone());
        tenant.record(db, change).await
    }
}
