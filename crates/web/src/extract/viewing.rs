//! Somebody of the host who looks at a tenant's screens: always visible, always in the log.

use super::Visitor;
use crate::pages::error::PageError;
use domain::audit::Actor;
use domain::ids::TenantId;
use domain::tenant::{Member, Role};

/// The key under which a browser session remembers whose screens are looked at.
pub const VIEWING: &str = "viewing";

/// Who acts, and for which tenant.
pub(super) struct Acting {
    /// The member as the pages see them.
    pub who: Member,
    /// The same for the log.
    pub actor: Actor,
    /// Whether they belong to the host.
    pub host: bool,
    /// Whether they look at another tenant's screens.
    pub viewing: bool,
}

/// A member, or an operator in the place of a tenant's admin: they see what an admin sees, and
/// neither the owner's pages nor what only owners may do.
pub(super) async fn acting(visitor: &Visitor, who: Member) -> Result<Acting, PageError> {
    let host = visitor.app.store.is_operator(who.id).await?;
    let chosen = visitor.session.get::<String>(VIEWING).ok().flatten();
    let tenant: Option<TenantId> = chosen.and_then(|id| id.parse().ok());
    let (id, name) = (who.id, who.name.clone());
    Ok(match tenant.filter(|_| host) {
        Some(tenant) => Acting {
            who: Member {
                tenant,
                role: Role::Admin,
                ..who
            },
            actor: Actor::Operator { id, name },
            host,
            viewing: true,
        },
        None => Acting {
            actor: Actor::Member { id, name },
            who,
            host,
            viewing: false,
        },
    })
}
