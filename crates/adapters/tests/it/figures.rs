//! Figures, alerts and runbook name the same things.

use crate::sources::sources;
use adapters::telemetry::FIGURES;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn known() -> BTreeSet<String> {
    FIGURES
        .iter()
        .map(|figure| figure.name.to_owned())
        .collect()
}

/// The names given to the macros that count.
fn counted() -> BTreeSet<String> {
    let mut files = Vec::new();
    for entry in fs::read_dir(root().join("crates")).unwrap() {
        files.extend(sources(&entry.unwrap().path().join("src")));
    }
    let macros = ["counter!(", "gauge!(", "histogram!("];
    let calls = files
        .iter()
        .flat_map(|text| macros.iter().flat_map(|call| text.split(call).skip(1)));
    calls
        .filter_map(|rest| {
            let name = rest.trim_start().strip_prefix('"')?;
            Some(name.split_once('"')?.0.to_owned())
        })
        .filter(|name| !name.starts_with("relevo_test_"))
        .collect()
}

/// All words of a text that look like a figure's name.
fn named(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'))
        .filter(|word| word.starts_with("relevo_"))
        .map(|word| word.strip_suffix("_bucket").unwrap_or(word).to_owned())
        .collect()
}

#[test]
fn every_figure_that_is_counted_stands_in_the_catalogue_and_every_one_there_is_counted() {
    assert_eq!(counted(), known());
}

#[test]
fn alerts_and_runbook_name_only_figures_that_exist() {
    let alerts = named(&fs::read_to_string(root().join("ops/alerts.yml")).unwrap());
    assert!(alerts.len() > 15, "{alerts:?}");
    let runbook = named(&fs::read_to_string(root().join("docs/operations.md")).unwrap());
    let unknown: Vec<_> = alerts
        .union(&runbook)
        .filter(|name| !known().contains(*name))
        .collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn every_alert_leads_to_its_section_of_the_runbook() {
    let alerts = fs::read_to_string(root().join("ops/alerts.yml")).unwrap();
    let runbook = fs::read_to_string(root().join("docs/operations.md")).unwrap();
    let anchor = |heading: &str| -> String {
        let kept = heading.trim().to_lowercase();
        let kept = kept
            .chars()
            .filter(|c| c.is_alphanumeric() || " -".contains(*c));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    let sections: BTreeSet<String> = runbook
        .lines()
        .filter_map(|line| line.strip_prefix("### ").or(line.strip_prefix("## ")))
        .map(anchor)
        .collect();
    let count = |mark: &str| alerts.lines().filter(|l| l.contains(mark)).count();
    assert_eq!(count("- alert: "), count("runbook: "));
    for line in alerts.lines().filter(|line| line.contains("runbook: ")) {
        let wanted = line.split_once('#').unwrap().1;
        assert!(sections.contains(wanted), "{wanted} in {sections:?}");
    }
}
