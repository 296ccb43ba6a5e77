//! Looking at a tenant's screens: with a banner on each of them, and a line in the tenant's log
//! when it begins and when it ends.

use super::post::theirs;
use crate::extract::{Host, Member, Posted, VIEWING};
use crate::pages::Page;
use crate::pages::error::PageError;
use actix_web::web::Path;
use adapters::store::{Change, Object};
use domain::audit::{Action, ObjectKind};
use domain::ids::TenantId;
use uuid::Uuid;

fn change(action: Action) -> Change {
    Change::of(action, Object::only(ObjectKind::Tenant))
}

pub(super) async fn enter(Host(member): Host, id: Path<Uuid>, _form: Posted) -> Page {
    let id = TenantId(*id);
    end(&member).await?;
    let store = theirs(&member, id).await?;
    // First the line, then the door.
    store
        .audit()
        .record(change(Action::ImpersonationBegun))
        .await?;
    let visitor = &member.visitor;
    let kept = visitor.session.insert(VIEWING, id.to_string());
    kept.map_err(|e| PageError::Broken(e.to_string()))?;
    Ok(visitor.go("/"))
}

pub(super) async fn leave(member: Member, _form: Posted) -> Page {
    end(&member).await?;
    Ok(member.visitor.go("/operator"))
}

/// Ends looking at whosever screens are looked at now.
async fn end(member: &Member) -> Result<(), PageError> {
    member.visitor.session.remove(VIEWING);
    if member.viewing {
        let log = member.store.audit();
        log.record(change(Action::ImpersonationEnded)).await?;
    }
    Ok(())
}
