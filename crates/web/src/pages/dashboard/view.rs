//! What the dashboard shows.

use super::live::LiveView;
use crate::i18n::Lang;
use crate::pages::figures::period::Period;
use crate::pages::parts::Choice;
use crate::pages::shell::Shell;
use adapters::store::Named;
use askama::Template;
use domain::metrics::Scope;

/// What a page looks at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Looked {
    pub period: Period,
    pub scope: Scope,
}

impl Looked {
    /// The scope as fields of an address, each with `&` before it.
    pub fn scope_query(&self) -> String {
        let channel = self.scope.channel.map(|c| format!("&channel={c}"));
        let rule = self.scope.rule.map(|r| format!("&rule={r}"));
        [channel, rule].into_iter().flatten().collect()
    }

    /// The address of this page.
    pub fn query(&self) -> String {
        let period = match self.period.name {
            "custom" => self.period.query(),
            name => format!("period={name}"),
        };
        format!("{period}{}", self.scope_query())
    }

    /// The rows behind a number.
    pub fn rows(&self, only: &str) -> String {
        let only = match only {
            "" => String::new(),
            only => format!("&only={only}"),
        };
        format!(
            "/handoffs?{}{}{only}",
            self.period.query(),
            self.scope_query()
        )
    }
}

/// How a number moved against the span before.
pub(crate) struct Change {
    pub tone: &'static str,
    pub icon: &'static str,
    pub text: String,
    /// The earlier number in words.
    pub before: String,
}

/// One number.
pub(crate) struct Tile {
    pub name: &'static str,
    pub label: String,
    pub value: String,
    pub formula: String,
    /// The rows behind it, and how many they are.
    pub rows: Option<(String, u64)>,
    /// Whether the span before says anything about it.
    pub compared: bool,
    pub change: Option<Change>,
}

/// Numbers under one heading.
pub(crate) struct Group {
    pub name: &'static str,
    pub title: String,
    pub tiles: Vec<Tile>,
}

/// What a bar chart tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Chart {
    Reason,
    Rule,
    Channel,
}

/// One bar.
pub(crate) struct Bar {
    pub label: String,
    pub n: u64,
    pub number: String,
    pub share: String,
    /// 0 to 100.
    pub width: u64,
    pub href: Option<String>,
}

/// One day of the line chart.
pub(crate) struct DayPoint {
    pub day: String,
    pub label: String,
    pub n: u64,
    pub before: u64,
    pub href: String,
}

/// Reason, rule and channel together.
pub(crate) struct Combination {
    pub reason: String,
    pub rule: String,
    pub channel: String,
    pub n: u64,
    pub href: Option<String>,
}

/// One field of the heat map.
pub(crate) struct HeatCell {
    pub n: u64,
    /// 0 (none) to 5.
    pub level: u64,
    pub href: String,
    pub label: String,
}

/// Handoffs by weekday and hour.
pub(crate) struct Heat {
    pub weekdays: Vec<(String, String)>,
    pub hours: Vec<(String, Vec<HeatCell>)>,
    pub peak: Option<String>,
}

/// The choices of the filter.
pub(crate) struct Filters {
    pub periods: Vec<Choice>,
    pub from: String,
    pub to: String,
    pub custom: bool,
    pub channels: Vec<Choice>,
    pub rules: Vec<Choice>,
}

impl Filters {
    pub fn of(looked: &Looked, named: &Named, l: Lang) -> Self {
        let mut channels = vec![Choice::new(
            "",
            l.t("filter-all-channels"),
            looked.scope.channel.is_none(),
        )];
        channels.extend(named.channels.iter().map(|(id, _, name)| {
            Choice::new(id.to_string(), name, looked.scope.channel == Some(*id))
        }));
        let mut rules = vec![Choice::new(
            "",
            l.t("handoffs-all-rules"),
            looked.scope.rule.is_none(),
        )];
        rules.extend(
            named.rules.iter().map(|(id, name)| {
                Choice::new(id.to_string(), name, looked.scope.rule == Some(*id))
            }),
        );
        Self {
            periods: looked.period.choices(l),
            from: looked.period.from.text(),
            to: looked.period.to.text(),
            custom: looked.period.name == "custom",
            channels,
            rules,
        }
    }
}

#[derive(Template)]
#[template(path = "dashboard.html")]
pub(crate) struct DashboardPage {
    pub s: Shell,
    pub filters: Filters,
    pub address: String,
    pub empty: bool,
    pub live: LiveView,
    pub groups: Vec<Group>,
    pub compared: String,
    pub days: Vec<DayPoint>,
    pub reasons: Vec<Bar>,
    pub rules: Vec<Bar>,
    pub channels: Vec<Bar>,
    pub bands: Vec<Bar>,
    pub combinations: Vec<Combination>,
    pub heat: Heat,
}

#[derive(Template)]
#[template(path = "dashboard_operations.html")]
pub(crate) struct OperationsPage {
    pub s: Shell,
    pub filters: Filters,
    pub address: String,
    pub tiles: Vec<Tile>,
    pub desk: Vec<Bar>,
    pub contact: Vec<Bar>,
    pub empty: bool,
}
