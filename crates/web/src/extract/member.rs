//! A member who logged in, and with them the only way to their tenant's data.

use super::Visitor;
use super::viewing::{acting, wanted};
use crate::i18n::Dates;
use crate::i18n::Lang;
use crate::pages::error::PageError;
use crate::security::session_store::LOGIN;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use adapters::store::{TenantStore, Terms};
use domain::audit::By;
use domain::ids::LoginId;
use domain::tenant::{Role, Tenant};
use domain::time::Timestamp;
use futures::future::LocalBoxFuture;
use std::time::Duration;

/// A member who logged in. Without one, the request goes to the log-in page.
pub struct Member {
    /// The visit.
    pub visitor: Visitor,
    /// The login that this browser has.
    pub login: LoginId,
    /// Who they are.
    pub who: domain::tenant::Member,
    /// Their company.
    pub tenant: Tenant,
    /// Their company's data: the scope of every query of a page. What is changed through it is
    /// recorded in the log as theirs.
    pub store: TenantStore,
    /// What the company agreed to with the host.
    pub terms: Terms,
    /// Whether they belong to the company that hosts Relevo.
    pub host: bool,
    /// Whether they look at another company's screens on behalf of the host.
    pub viewing: bool,
}

impl Member {
    /// Tells instants in the tenant's zone.
    #[must_use]
    pub fn dates(&self) -> Dates {
        self.visitor.dates(&self.tenant.settings.hours.time_zone)
    }

    /// Whether the login that this began with is still good, and for the same role: what stays open
    /// for long asks again.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn is_still_in(&self) -> Result<bool, PageError> {
        let known = self.visitor.app.store.login_member(self.login).await?;
        Ok(known.is_some_and(|(who, _)| self.viewing || who.role == self.who.role))
    }

    async fn of(mut visitor: Visitor) -> Result<Self, PageError> {
        let next = visitor.path.clone();
        let sign_in = || PageError::SignIn { next };
        let Some(login) = login_of(&visitor) else {
            return Err(sign_in());
        };
        let Some(visit) = visitor.app.store.visit(login, wanted(&visitor)).await? else {
            return Err(sign_in());
        };
        seen(&visitor, login, visit.seen).await?;
        stay(&visitor);
        if !visitor.lang_chosen {
            visitor.lang = Lang(visit.member.language);
        }
        let acting = acting(&visitor, visit.member, visit.operator);
        let who = acting.who;
        let store = visitor.app.store.tenant(who.tenant).by(By {
            actor: acting.actor,
            address: visitor.from().map(str::to_owned),
        });
        Ok(Self {
            login,
            who,
            tenant: visit.tenant,
            store,
            terms: visit.terms,
            host: acting.host,
            viewing: acting.viewing,
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

/// How exactly the page of logins tells when one was last used.
const SEEN: Duration = Duration::from_secs(5 * 60);

/// Who is logged in in this browser, if anybody is.
///
/// # Errors
/// The database does not answer.
pub async fn known(
    visitor: &Visitor,
) -> Result<Option<(LoginId, domain::tenant::Member)>, PageError> {
    let Some(login) = login_of(visitor) else {
        return Ok(None);
    };
    let Some((who, last)) = visitor.app.store.login_member(login).await? else {
        return Ok(None);
    };
    seen(visitor, login, last).await?;
    Ok(Some((login, who)))
}

/// The login that the browser session names.
fn login_of(visitor: &Visitor) -> Option<LoginId> {
    let named = visitor.session.get::<String>(LOGIN).ok().flatten();
    named.and_then(|id| id.parse().ok())
}

/// Notes that a login is in use, unless that was noted a moment ago.
async fn seen(visitor: &Visitor, login: LoginId, last: Timestamp) -> Result<(), PageError> {
    if visitor.app.clock.now().since(last) > SEEN {
        let store = &visitor.app.store;
        store.login_seen(login, &visitor.address).await?;
    }
    Ok(())
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
with_role! {
    /// A member who may do everything, also remove the company's data.
    Owner, Role::Owner
}

/// Somebody of the company that hosts Relevo. To everybody else these pages do not exist.
pub struct Host(pub Member);

impl FromRequest for Host {
    type Error = PageError;
    type Future = LocalBoxFuture<'static, Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let member = Member::from_request(request, payload);
        Box::pin(async move {
            let member = member.await?;
            if member.host {
                Ok(Self(member))
            } else {
                Err(PageError::NotFound)
            }
        })
    }
}
