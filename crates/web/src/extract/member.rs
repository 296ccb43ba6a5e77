//! A member who logged in, and with them the only way to their tenant's data.

use super::Visitor;
use crate::i18n::Dates;
use crate::pages::error::PageError;
use crate::security::session_store::MEMBER;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use adapters::store::TenantStore;
use domain::ids::MemberId;
use domain::tenant::{Role, Tenant};
use futures::future::LocalBoxFuture;

/// A member who logged in. Without one, the request goes to the log-in page.
pub struct Member {
    /// The visit.
    pub visitor: Visitor,
    /// Who they are.
    pub who: domain::tenant::Member,
    /// Their company.
    pub tenant: Tenant,
    /// Their company's data: the scope of every query of a page.
    pub store: TenantStore,
}

impl Member {
    /// Tells instants in the tenant's zone.
    #[must_use]
    pub fn dates(&self) -> Dates {
        self.visitor.dates(&self.tenant.settings.hours.time_zone)
    }

    async fn of(visitor: Visitor) -> Result<Self, PageError> {
        let sign_in = || PageError::SignIn {
            next: visitor.path.clone(),
        };
        let id: MemberId = visitor
            .session
            .get::<String>(MEMBER)
            .ok()
            .flatten()
            .and_then(|id| id.parse().ok())
            .ok_or_else(sign_in)?;
        stay(&visitor);
        let who = visitor.app.store.member(id).await?.ok_or_else(sign_in)?;
        let store = visitor.app.store.tenant(who.tenant);
        let tenant = store.tenant().await?;
        Ok(Self {
            who,
            tenant,
            store,
            visitor,
        })
    }

    fn at_least(self, role: Role) -> Result<Self, PageError> {
        if self.who.role >= role {
            Ok(self)
        } else {
            Err(PageError::Forbidden)
        }
    }
}

/// Prolongs the browser session, with one write a day and not one per request.
fn stay(visitor: &Visitor) {
    let today = visitor.app.clock.now().0 / 86_400_000;
    if !matches!(visitor.session.get::<i64>("day"), Ok(Some(day)) if day == today)
        && let Err(error) = visitor.session.insert("day", today)
    {
        tracing::warn!(%error, "browser session not prolonged");
    }
}

impl FromRequest for Member {
    type Error = PageError;
    type Future = LocalBoxFuture<'static, Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let visitor = Visitor::of(request);
        Box::pin(async move {
            let visitor =
                visitor.ok_or_else(|| PageError::Broken("state is not wired".to_owned()))?;
            Self::of(visitor).await
        })
    }
}

macro_rules! with_role {
    ($(#[$doc:meta])* $name:ident, $role:expr) => {
        $(#[$doc])*
        pub struct $name(pub Member);

        impl FromRequest for $name {
            type Error = PageError;
            type Future = LocalBoxFuture<'static, Result<Self, PageError>>;

            fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
                let member = Member::from_request(request, payload);
                Box::pin(async move { member.await?.at_least($role).map(Self) })
            }
        }
    };
}

with_role! {
    /// A member who may act on conversations.
    Operator, Role::Supervisor
}
with_role! {
    /// A member who may change channels, desk, rules and texts.
    Manager, Role::Admin
}
