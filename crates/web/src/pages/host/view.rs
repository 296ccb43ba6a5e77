//! What the host's screens show.

use crate::extract::Form;
use crate::i18n::{Dates, Lang, When};
use crate::pages::data::view::{UsageItem, grouped};
use crate::pages::desk::view::health;
use crate::pages::parts::Badge;
use crate::pages::shell::Shell;
use adapters::store::TenantGlance;
use askama::Template;

#[derive(Template)]
#[template(path = "operator.html")]
pub(crate) struct TenantsPage {
    pub s: Shell,
    pub search: String,
    pub tenants: Vec<TenantItem>,
    pub older: Option<String>,
}

#[derive(Template)]
#[template(path = "operator_tenant.html")]
pub(crate) struct TenantPage {
    pub s: Shell,
    pub t: TenantItem,
    pub f: Form,
}

/// A tenant as shown to the host.
pub(crate) struct TenantItem {
    pub id: String,
    pub name: String,
    pub slug: String,
    pub since: When,
    pub usage: Vec<UsageItem>,
    /// Whether it runs: suspended, leaving, in trouble.
    pub state: Badge,
    pub suspended: Option<(String, When)>,
    pub leaving: Option<When>,
    pub retention: String,
    pub desk: Badge,
    pub troubled: i64,
    pub waiting: String,
    pub dead: i64,
    pub channels: String,
    pub messages: String,
}

impl TenantItem {
    pub fn of(t: &TenantGlance, dates: &Dates, l: Lang) -> Self {
        let limits = t.terms.limits;
        let desk = match &t.desk {
            Some(noted) => health(noted, l),
            None => Badge::new("", l.t("host-no-desk")),
        };
        let state = if t.terms.suspended.is_some() {
            Badge::new("danger", l.t("host-suspended"))
        } else if t.terms.leaving_at.is_some() {
            Badge::new("warn", l.t("host-leaving"))
        } else if t.troubled_channels > 0 || t.dead > 0 || matches!(desk.tone, "warn" | "danger") {
            Badge::new("warn", l.t("host-trouble"))
        } else {
            Badge::new("ok", l.t("host-fine"))
        };
        Self {
            id: t.id.to_string(),
            name: t.name.clone(),
            slug: t.slug.clone(),
            since: dates.short(t.created_at),
            usage: vec![
                UsageItem::of(
                    "data-messages",
                    t.usage.messages,
                    limits.messages_a_month,
                    l,
                ),
                UsageItem::of("data-channels", t.usage.channels, limits.most_channels, l),
                UsageItem::of("data-members", t.usage.members, limits.most_members, l),
            ],
            state,
            suspended: t
                .terms
                .suspended
                .as_ref()
                .map(|s| (s.why.clone(), dates.short(s.since))),
            leaving: t.terms.leaving_at.map(|at| dates.short(at)),
            retention: match t.terms.retention_days {
                Some(days) => l.n("host-keeps", days),
                None => l.t("data-keep-all"),
            },
            desk,
            troubled: t.troubled_channels,
            waiting: grouped(t.waiting, l),
            dead: t.dead,
            channels: grouped(t.usage.channels, l),
            messages: grouped(t.usage.messages, l),
        }
    }
}
