//! Somebody of the host who looks at a tenant's screens: always visible, always in the log.

use super::Visitor;
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

/// The tenant whose screens this browser asked for. It counts only for an operator.
pub(super) fn wanted(visitor: &Visitor) -> Option<TenantId> {
    let chosen = visitor.session.get::<String>(VIEWING).ok().flatten();
    chosen.and_then(|id| id.parse().ok())
}

/// A member, or an operator in the place of a tenant's admin: they see what an admin sees, and
/// neither the owner's pages nor what only owners may do.
pub(super) fn acting(visitor: &Visitor, who: Member, host: bool) -> Acting {
    let (id, name) = (who.id, who.name.clone());
    match wanted(visitor).filter(|_| host) {
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
    }
}
