//! What surrounds every screen: language, theme, navigation, who is logged in.

use crate::extract::{Flash, Member, Visitor};
use crate::i18n::Lang;
use domain::tenant::Role;

/// The entry of the navigation that a screen belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nav {
    /// Home and checklist.
    Home,
    /// Conversations.
    Conversations,
    /// Handoffs.
    Handoffs,
    /// Dashboard.
    Dashboard,
    /// Rules.
    Rules,
    /// Channels.
    Channels,
    /// Let's Talk.
    Desk,
    /// Settings.
    Settings,
    /// None of them.
    Nowhere,
}

/// Who is logged in, as shown.
pub(crate) struct Who {
    pub name: String,
    pub email: String,
    pub company: String,
    pub role: String,
    pub initials: String,
}

/// What every screen has to tell besides its own.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notices {
    /// The company whose screens somebody of the host looks at.
    pub viewing: Option<String>,
    /// Why the host suspended the company.
    pub suspended: Option<String>,
    /// The day on which the company is deleted.
    pub leaving: Option<String>,
    /// Whether the host's own screens are there for this member.
    pub host: bool,
}

/// An entry of the navigation.
pub(crate) struct NavItem {
    pub href: &'static str,
    pub icon: &'static str,
    pub long: String,
    pub short: String,
    pub current: bool,
}

/// What surrounds every screen; `s` in every template.
pub struct Shell {
    /// The language.
    pub l: Lang,
    pub(crate) theme: &'static str,
    pub(crate) csrf: String,
    pub(crate) path: String,
    pub(crate) nav: Nav,
    pub(crate) who: Option<Who>,
    pub(crate) flash: Option<Flash>,
    pub(crate) role: Option<Role>,
    pub(crate) notices: Notices,
}

impl Shell {
    /// Around a page for somebody who is not logged in.
    #[must_use]
    pub fn outside(visitor: &Visitor) -> Self {
        Self {
            csrf: visitor.csrf(),
            flash: visitor.heard(),
            ..Self::without_session(visitor)
        }
    }

    /// Around a page that must not start a browser session.
    #[must_use]
    pub fn without_session(visitor: &Visitor) -> Self {
        Self {
            l: visitor.lang,
            theme: visitor.theme,
            csrf: String::new(),
            path: visitor.path.clone(),
            nav: Nav::Nowhere,
            who: None,
            flash: None,
            role: None,
            notices: Notices::default(),
        }
    }

    /// Around a page for a member.
    #[must_use]
    pub fn inside(member: &Member, nav: Nav) -> Self {
        let l = member.visitor.lang;
        let who = Who {
            name: member.who.name.clone(),
            email: member.who.email.clone(),
            company: member.tenant.name.clone(),
            role: l.word("role", role_name(member.who.role)),
            initials: initials(&member.who.name),
        };
        Self {
            nav,
            who: Some(who),
            role: Some(member.who.role),
            notices: Notices::of(member),
            ..Self::outside(&member.visitor)
        }
    }

    /// Whether this member may do everything.
    #[must_use]
    pub fn is_owner(&self) -> bool {
        self.role >= Some(Role::Owner)
    }

    /// A text.
    #[must_use]
    pub fn t(&self, key: &str) -> String {
        self.l.t(key)
    }

    /// A text with one thing put in.
    #[must_use]
    pub fn with(&self, key: &str, name: &'static str, value: &str) -> String {
        self.l.with(key, name, value)
    }

    /// Whether this member may change channels, desk, rules and texts.
    #[must_use]
    pub fn can_manage(&self) -> bool {
        self.role >= Some(Role::Admin)
    }

    /// Whether this member may act on conversations.
    #[must_use]
    pub fn can_operate(&self) -> bool {
        self.role >= Some(Role::Supervisor)
    }

    /// The entries that a phone shows in its bar; a wide screen shows them above the others.
    pub(crate) fn nav_items(&self) -> Vec<NavItem> {
        vec![
            self.entry(Nav::Home, "/", "house", "home"),
            self.entry(
                Nav::Conversations,
                "/conversations",
                "messages-square",
                "conversations",
            ),
            self.entry(Nav::Handoffs, "/handoffs", "arrow-right-left", "handoffs"),
            self.entry(
                Nav::Dashboard,
                "/dashboard",
                "chart-no-axes-column",
                "dashboard",
            ),
        ]
    }

    /// The entries that a phone keeps behind «more».
    pub(crate) fn nav_more(&self) -> Vec<NavItem> {
        vec![
            self.entry(Nav::Rules, "/rules", "list-checks", "rules"),
            self.entry(Nav::Channels, "/channels", "cable", "channels"),
            self.entry(Nav::Desk, "/desk", "headset", "desk"),
            self.entry(Nav::Settings, "/settings", "settings", "settings"),
        ]
    }

    /// Whether the current screen is behind «more» on a phone.
    pub(crate) fn is_in_more(&self) -> bool {
        self.nav_more().iter().any(|item| item.current)
    }

    fn entry(&self, nav: Nav, href: &'static str, icon: &'static str, name: &str) -> NavItem {
        let long = self.t(&format!("nav-{name}"));
        // Only where the long word does not fit into a fifth of a phone's width.
        let short = match nav {
            Nav::Conversations => self.t("nav-conversations-short"),
            _ => long.clone(),
        };
        NavItem {
            href,
            icon,
            long,
            short,
            current: self.nav == nav,
        }
    }
}

impl Notices {
    fn of(member: &Member) -> Self {
        let terms = &member.terms;
        Self {
            viewing: member.viewing.then(|| member.tenant.name.clone()),
            suspended: terms.suspended.as_ref().map(|s| s.why.clone()),
            leaving: terms.leaving_at.map(|at| member.dates().day(at)),
            host: member.host,
        }
    }
}

/// The stored name of a role, the ending of its text's key.
#[must_use]
pub fn role_name(role: Role) -> &'static str {
    match role {
        Role::Analyst => "analyst",
        Role::Supervisor => "supervisor",
        Role::Admin => "admin",
        Role::Owner => "owner",
    }
}

pub(crate) fn initials(name: &str) -> String {
    let firsts = name.split_whitespace().filter_map(|w| w.chars().next());
    firsts.take(2).flat_map(char::to_uppercase).collect()
}
