//! The charts; each is a table first, drawn second.

use super::view::{Bar, Chart, Combination, DayPoint, Heat, HeatCell, Looked};
use crate::i18n::Lang;
use crate::pages::figures::period::Period;
use crate::pages::figures::words;
use crate::pages::handoffs::filter::only_name;
use adapters::store::{Only, Snapshot};
use domain::ids::{ChannelId, RuleId};
use domain::metrics::{Cell, Day, Totals};
use std::collections::HashMap;

/// Combinations shown.
const MOST: usize = 12;

/// Handoffs per day, each beside the same day of the span before.
pub(crate) fn days(
    snapshot: &Snapshot,
    looked: &Looked,
    before: &Period,
    l: Lang,
) -> Vec<DayPoint> {
    let count = |day: Day| {
        let sheet = snapshot.sheets.get(&day);
        sheet.map_or(0, |s| s.totals(&looked.scope).handoffs)
    };
    (0..looked.period.days())
        .map(|n| {
            let day = looked.period.from.plus(n);
            let one = Looked {
                period: Period {
                    from: day,
                    to: day,
                    name: "custom",
                },
                ..*looked
            };
            DayPoint {
                label: day_label(day, l),
                day: day.text(),
                n: count(day),
                before: count(before.from.plus(n)),
                href: one.rows(""),
            }
        })
        .collect()
}

/// «lun 16 nov».
fn day_label(day: Day, l: Lang) -> String {
    let date = day.date();
    let weekday = l.t(&format!("weekday-{}-short", day.weekday()));
    date.map_or_else(String::new, |d| {
        format!("{weekday} {} {}", d.day(), l.month(d.month()))
    })
}

/// «16 nov 2026».
pub(crate) fn date_words(day: Day, l: Lang) -> String {
    day.date().map_or_else(String::new, |d| {
        format!("{} {} {}", d.day(), l.month(d.month()), d.year())
    })
}

/// Bars of what is told apart by reason, rule or channel, the longest first.
pub(crate) fn bars_by(
    chart: Chart,
    cells: &[&Cell],
    snapshot: &Snapshot,
    looked: &Looked,
    l: Lang,
) -> Vec<Bar> {
    let mut sums: HashMap<(String, String, Option<String>), u64> = HashMap::new();
    for cell in cells {
        let field = match chart {
            Chart::Reason => reason_of(cell, l),
            Chart::Rule => rule_of(cell.rule, snapshot, l),
            Chart::Channel => channel_of(cell.channel, snapshot, l),
        };
        *sums.entry(field).or_default() += cell.totals.handoffs;
    }
    let mut sums: Vec<_> = sums.into_iter().collect();
    sums.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let rows = sums.into_iter().map(|((label, _, field), n)| {
        let href = field.map(|f| format!("{}{f}", narrowed(looked, chart)));
        (label, n, href)
    });
    bars(rows.collect(), l)
}

/// The address of the rows, without the field that a bar sets itself.
fn narrowed(looked: &Looked, chart: Chart) -> String {
    let mut looked = *looked;
    match chart {
        Chart::Reason => {}
        Chart::Rule => looked.scope.rule = None,
        Chart::Channel => looked.scope.channel = None,
    }
    looked.rows("")
}

/// Words, a key that tells two of the same words apart, and the field of the address.
type Field = (String, String, Option<String>);

fn reason_of(cell: &Cell, l: Lang) -> Field {
    let name = cell.reason.name();
    (
        l.word("reason", name),
        name.to_owned(),
        Some(format!("&reason={name}")),
    )
}

fn rule_of(rule: Option<RuleId>, snapshot: &Snapshot, l: Lang) -> Field {
    match rule {
        None => (l.t("dashboard-no-rule"), String::new(), None),
        Some(id) => {
            let name = snapshot.named.rule(id);
            let name = name.map_or_else(|| l.t("handoffs-rule-gone"), str::to_owned);
            (name, id.to_string(), Some(format!("&rule={id}")))
        }
    }
}

fn channel_of(channel: ChannelId, snapshot: &Snapshot, l: Lang) -> Field {
    let name = snapshot.named.channel(channel);
    let name = name.map_or_else(|| l.t("dashboard-channel-gone"), |(_, n)| n.to_owned());
    (
        name,
        channel.to_string(),
        Some(format!("&channel={channel}")),
    )
}

/// Bars with their shares; widths are relative to the longest.
pub(crate) fn bars(rows: Vec<(String, u64, Option<String>)>, l: Lang) -> Vec<Bar> {
    let most = rows.iter().map(|r| r.1).max().unwrap_or(0).max(1);
    let all: u64 = rows.iter().map(|r| r.1).sum();
    let bar = |(label, n, href): (String, u64, Option<String>)| Bar {
        label,
        n,
        number: words::number(l, n),
        share: words::percent(l, n, all),
        width: if n == 0 { 0 } else { (n * 100 / most).max(1) },
        href: href.filter(|_| n > 0),
    };
    rows.into_iter().map(bar).collect()
}

/// First responses by how long they took.
pub(crate) fn bands(totals: &Totals, looked: &Looked, l: Lang) -> Vec<Bar> {
    let rows = totals.bands.iter().zip(0_u8..).map(|(n, band)| {
        let href = looked.rows(&only_name(Only::Band(band)));
        (l.t(&format!("dashboard-band-{band}")), *n, Some(href))
    });
    bars(rows.collect(), l)
}

/// Reason × rule × channel, the most frequent first.
pub(crate) fn combinations(
    cells: &[&Cell],
    snapshot: &Snapshot,
    looked: &Looked,
    l: Lang,
) -> Vec<Combination> {
    let mut sums: HashMap<(Field, Field, Field), u64> = HashMap::new();
    for cell in cells {
        let key = (
            reason_of(cell, l),
            rule_of(cell.rule, snapshot, l),
            channel_of(cell.channel, snapshot, l),
        );
        *sums.entry(key).or_default() += cell.totals.handoffs;
    }
    let mut sums: Vec<_> = sums.into_iter().collect();
    sums.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let period = looked.period.query();
    sums.into_iter()
        .take(MOST)
        .map(|((reason, rule, channel), n)| {
            // Handoffs without a rule cannot be told by an address.
            let fields = [&reason.2, &rule.2, &channel.2];
            let all = fields.iter().all(|f| f.is_some());
            let query: String = fields.iter().filter_map(|f| f.as_deref()).collect();
            Combination {
                href: all.then(|| format!("/handoffs?{period}{query}")),
                reason: reason.0,
                rule: rule.0,
                channel: channel.0,
                n,
            }
        })
        .collect()
}

/// Handoffs by weekday and hour.
pub(crate) fn heat(snapshot: &Snapshot, looked: &Looked, l: Lang) -> Heat {
    let mut counts = [[0_u64; 7]; 24];
    for (day, sheet) in snapshot.sheets.range(looked.period.from..=looked.period.to) {
        for (hour, n) in sheet.totals(&looked.scope).hours {
            let row = counts.get_mut(usize::from(hour));
            if let Some(cell) = row.and_then(|r| r.get_mut(usize::from(day.weekday()))) {
                *cell += n;
            }
        }
    }
    let most = counts.iter().flatten().copied().max().unwrap_or(0);
    let name = |day: u8| l.t(&format!("weekday-{day}"));
    let mut peak = None;
    let hours = (0_u8..24)
        .zip(counts)
        .map(|(hour, row)| {
            let cells = (0_u8..7).zip(row).map(|(weekday, n)| {
                if n == most && most > 0 && peak.is_none() {
                    let when = [("day", name(weekday)), ("hour", format!("{hour}:00"))];
                    let when = when.each_ref().map(|(k, v)| (*k, v.as_str()));
                    peak = Some(l.filled("dashboard-peak", &when));
                }
                HeatCell {
                    n,
                    level: if n == 0 {
                        0
                    } else {
                        (n * 5).div_ceil(most.max(1))
                    },
                    href: looked.rows(&only_name(Only::Slot { weekday, hour })),
                    label: format!("{} {hour}:00, {}", name(weekday), words::number(l, n)),
                }
            });
            (format!("{hour:02}"), cells.collect())
        })
        .collect();
    let weekdays = (0..7).map(|day| (l.t(&format!("weekday-{day}-short")), name(day)));
    Heat {
        weekdays: weekdays.collect(),
        hours,
        peak,
    }
}
