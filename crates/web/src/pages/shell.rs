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

    pub(crate) fn nav_items(&self) -> Vec<NavItem> {
        let entry = |nav, href, icon, long: &str, short: &str| NavItem {
            href,
            icon,
            long: long.to_owned(),
            short: short.to_owned(),
            current: self.nav == nav,
        };
        let t = |key: &str| self.t(key);
        let both = |key: &str| (t(key), t(&format!("{key}-short")));
        let (talks, talks_short) = both("nav-conversations");
        vec![
            entry(Nav::Home, "/", "house", &t("nav-home"), &t("nav-home")),
            entry(
                Nav::Conversations,
                "/conversations",
                "messages-square",
                &talks,
                &talks_short,
            ),
            entry(
                Nav::Rules,
                "/rules",
                "list-checks",
                &t("nav-rules"),
                &t("nav-rules"),
            ),
            entry(
                Nav::Channels,
                "/channels",
                "cable",
                &t("nav-channels"),
                &t("nav-channels"),
            ),
            entry(Nav::Desk, "/desk", "headset", "Let's Talk", "Let's Talk"),
            entry(
                Nav::Settings,
                "/settings",
                "settings",
                &t("nav-settings"),
                &t("nav-settings"),
            ),
        ]
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
