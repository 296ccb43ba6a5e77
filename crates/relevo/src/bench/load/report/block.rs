//! One stretch of measuring, and what several of them say together.

use super::super::house::{Counted, House, Used};
use super::super::number::{megabytes, micros, of_count, of_u64};
use super::super::verdict::{Notes, Verdict};
use super::{Asked, Spread, Workload};
use std::collections::BTreeMap;

/// What a stretch found, and the primitives beside it.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Block {
    pub verdict: Verdict,
    /// By how many the costs are divided.
    pub count: usize,
    pub used: Used,
    pub per_second: f64,
    /// From due to done, at 50, 95 and 99 of a hundred, in milliseconds.
    pub took_ms: [f64; 3],
    pub baseline: BTreeMap<String, f64>,
    pub more: BTreeMap<String, f64>,
}

impl Block {
    /// Rate and times of what arrived, counted from `began`.
    pub fn timed(&mut self, arrived: &Notes, began: Option<u64>) {
        if let (Some(began), Some((_, last))) = (began, arrived.span_us) {
            let seconds = micros(last.saturating_sub(began)).max(1.0) / 1_000_000.0;
            self.per_second = of_count(arrived.count) / seconds;
        }
        self.took_ms = [50.0, 95.0, 99.0].map(|percent| arrived.percentile(percent));
    }

    /// Notes another figure.
    pub fn note(&mut self, name: &str, figure: f64) {
        self.more.insert(name.to_owned(), figure);
    }

    fn cpu_us(&self) -> f64 {
        micros(self.used.cpu_us) / of_count(self.count.max(1))
    }

    fn own_us(&self) -> f64 {
        micros(self.used.own_us) / of_count(self.count.max(1))
    }

    fn each(&self, whole: Option<u64>) -> Option<f64> {
        Some(of_u64(whole?) / of_count(self.count.max(1)))
    }

    /// What the database was asked most often.
    fn asked(&self) -> Vec<Asked> {
        let count = of_count(self.count.max(1));
        let all = self.used.counted.iter().flat_map(|it| &it.asked);
        all.map(|(text, calls, took_ms)| Asked {
            text: text.split_whitespace().collect::<Vec<_>>().join(" "),
            per_message: of_u64(*calls) / count,
            us_per_message: took_ms * 1_000.0 / count,
        })
        .collect()
    }

    /// The figures beside the primitives, by the units in which those are named.
    fn ratios(&self) -> BTreeMap<String, f64> {
        let mut found = BTreeMap::new();
        for (name, primitive) in &self.baseline {
            let ours = match name.rsplit_once(", ") {
                Some((_, "per second")) => ("rate", self.per_second),
                Some((_, "CPU µs")) => ("CPU", self.cpu_us()),
                Some((_, "p50 ms")) => ("p50", self.took_ms[0]),
                Some((_, "p99 ms")) => ("p99", self.took_ms[2]),
                _ => continue,
            };
            if *primitive > 0.0 {
                found.insert(format!("{} to {name}", ours.0), ours.1 / primitive);
            }
        }
        found
    }
}

impl Workload {
    /// What blocks say together.
    pub(in super::super) fn of(name: &str, house: &House, blocks: &[Block]) -> Self {
        let all = |figure: &dyn Fn(&Block) -> f64| Spread::of(blocks.iter().map(figure).collect());
        let counted = |figure: &dyn Fn(&Counted) -> Option<u64>| {
            let each = |it: &Block| it.each(figure(it.used.counted.as_ref()?));
            let known: Option<Vec<f64>> = blocks.iter().map(each).collect();
            known.map(|all| Spread::of(all).median)
        };
        let spread = BTreeMap::from([
            ("per_second", all(&|it| it.per_second)),
            ("p50_ms", all(&|it| it.took_ms[0])),
            ("p95_ms", all(&|it| it.took_ms[1])),
            ("p99_ms", all(&|it| it.took_ms[2])),
            ("cpu_us_per_message_all_processes", all(&Block::cpu_us)),
            ("cpu_us_per_message_own", all(&Block::own_us)),
        ]);
        let median = |name| spread.get(name).map_or(0.0, |it: &Spread| it.median);
        let more = gathered(blocks.iter().map(|it| it.more.clone()));
        let verdicts = blocks.iter().map(|it| it.verdict);
        Self {
            name: name.to_owned(),
            shape: house.shape_name(),
            blocks: blocks.len(),
            verdict: verdicts.fold(Verdict::default(), Verdict::and),
            per_second: median("per_second"),
            p50_ms: median("p50_ms"),
            p95_ms: median("p95_ms"),
            p99_ms: median("p99_ms"),
            cpu_us_per_message_all_processes: median("cpu_us_per_message_all_processes"),
            cpu_us_per_message_own: median("cpu_us_per_message_own"),
            rss_mb: megabytes(house.resident_kb()),
            commits_per_message: counted(&|it| Some(it.commits)),
            syncs_per_message: counted(&|it| it.syncs),
            round_trips_per_message: counted(&|it| it.statements),
            baseline: gathered(blocks.iter().map(|it| it.baseline.clone())),
            ratio: gathered(blocks.iter().map(Block::ratios)),
            more: more.into_iter().map(|(k, it)| (k, it.median)).collect(),
            spread,
            asked: blocks.last().map(Block::asked).unwrap_or_default(),
        }
    }
}

/// Figures of the same name, from several blocks.
fn gathered(all: impl Iterator<Item = BTreeMap<String, f64>>) -> BTreeMap<String, Spread> {
    let mut found: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for (name, figure) in all.flatten() {
        found.entry(name).or_default().push(figure);
    }
    let found = found.into_iter();
    found.map(|(name, all)| (name, Spread::of(all))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_set_beside_the_primitives_of_their_kind() {
        let block = Block {
            count: 10,
            per_second: 200.0,
            took_ms: [2.0, 3.0, 4.0],
            used: Used {
                cpu_us: 1_000,
                ..Used::default()
            },
            baseline: BTreeMap::from([
                ("rows, per second".to_owned(), 400.0),
                ("post, CPU µs".to_owned(), 50.0),
                ("commit, p99 ms".to_owned(), 8.0),
                ("a poll, KB".to_owned(), 1.0),
            ]),
            ..Block::default()
        };
        let expected = [
            ("CPU to post, CPU µs".to_owned(), 2.0),
            ("p99 to commit, p99 ms".to_owned(), 0.5),
            ("rate to rows, per second".to_owned(), 0.5),
        ];
        assert_eq!(block.ratios(), BTreeMap::from(expected));
        let spread = Spread::of(vec![3.0, 1.0, 2.0]);
        assert_eq!((spread.least, spread.median, spread.most), (1.0, 2.0, 3.0));
    }
}
