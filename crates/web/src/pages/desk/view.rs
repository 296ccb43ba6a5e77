//! What the desk page shows.

use crate::extract::Form;
use crate::i18n::Lang;
use crate::pages::parts::Badge;
use crate::pages::shell::Shell;
use crate::state::{ProbeOutcome, ProbeStep};
use askama::Template;

/// A step of a probe, in words.
pub(crate) struct StepView {
    /// `ok`, `failed` or `skipped`.
    pub outcome: &'static str,
    pub outcome_label: String,
    pub label: String,
    pub detail: String,
}

/// A probe's report, in words.
pub(crate) fn steps(report: &[(ProbeStep, ProbeOutcome)], l: Lang) -> Vec<StepView> {
    report
        .iter()
        .map(|(step, outcome)| {
            let (name, detail) = match outcome {
                ProbeOutcome::Ok => ("ok", String::new()),
                ProbeOutcome::Failed(why) => {
                    let advice = l.t(&format!("probe-{}-failed", step.name()));
                    ("failed", format!("{advice} ({why})"))
                }
                ProbeOutcome::Skipped => ("skipped", l.t("probe-skipped-text")),
            };
            StepView {
                outcome: name,
                outcome_label: l.t(&format!("probe-outcome-{name}")),
                label: l.t(&format!("probe-{}", step.name())),
                detail,
            }
        })
        .collect()
}

/// The realtime subscription as its worker reports it: `{"state": …, "last_error": …, …}`.
pub(crate) fn health(noted: &serde_json::Value, l: Lang) -> Badge {
    let text = |name: &str| noted.get(name).and_then(|v| v.as_str()).unwrap_or("");
    match text("state") {
        "connected" => Badge::new("ok", l.t("desk-health-ok")),
        "" | "starting" => Badge::new("", l.t("desk-health-starting")),
        "retrying" => Badge {
            why: text("last_error").to_owned(),
            ..Badge::new("warn", l.t("desk-health-retrying"))
        },
        _ => Badge {
            why: text("last_error").to_owned(),
            ..Badge::new("danger", l.t("health-attention"))
        },
    }
}

#[derive(Template)]
#[template(path = "desk.html")]
pub(crate) struct DeskPage {
    pub s: Shell,
    pub f: Form,
    pub connected: bool,
    pub health: Option<Badge>,
    pub steps: Vec<StepView>,
    pub probe_ok: bool,
    /// Shown in the empty field of a secret that is stored already.
    pub kept: String,
    pub guide: Vec<String>,
    pub advanced_open: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::tenant::Language;

    #[test]
    fn a_failed_step_says_what_to_do_and_the_other_sides_words() {
        let report = [(ProbeStep::Subscribe, ProbeOutcome::Failed("403".to_owned()))];
        let steps = steps(&report, Lang(Language::En));
        assert!(steps[0].detail.ends_with("(403)"), "{}", steps[0].detail);
    }
}
