//! What a diagnosis found, as it is kept: keys and the other side's words, no language, no
//! secrets.

use serde::{Deserialize, Serialize};

/// How a check went, from best to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Verdict {
    /// It works.
    Ok,
    /// It was not tried.
    Skipped,
    /// It works, and something should be known.
    Warn,
    /// It does not work.
    Failed,
}

impl Verdict {
    /// The ending of its text's key.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Skipped => "skipped",
            Self::Warn => "warn",
            Self::Failed => "failed",
        }
    }
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Finding {
    /// What was checked: the middle of its texts' keys.
    pub check: String,
    /// How it went.
    pub verdict: Verdict,
    /// The key of what to do, where it is not the check's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
    /// The other side's words, or what was found.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

impl Finding {
    pub fn new(check: &str, verdict: Verdict) -> Self {
        Self {
            check: check.to_owned(),
            verdict,
            advice: None,
            detail: String::new(),
        }
    }

    pub fn saying(self, detail: impl Into<String>) -> Self {
        Self {
            detail: detail.into(),
            ..self
        }
    }

    pub fn advising(self, advice: &str) -> Self {
        Self {
            advice: Some(advice.to_owned()),
            ..self
        }
    }
}

/// The worst of them; nothing found is nothing tried.
pub(crate) fn worst(findings: &[Finding]) -> Verdict {
    let verdicts = findings.iter().map(|f| f.verdict);
    verdicts.max().unwrap_or(Verdict::Skipped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failed_check_fails_the_whole() {
        let of = |verdicts: &[Verdict]| {
            let all: Vec<_> = verdicts.iter().map(|v| Finding::new("x", *v)).collect();
            worst(&all)
        };
        assert_eq!(of(&[Verdict::Ok, Verdict::Ok]), Verdict::Ok);
        assert_eq!(of(&[Verdict::Failed, Verdict::Warn]), Verdict::Failed);
        assert_eq!(of(&[]), Verdict::Skipped);
    }

    #[test]
    fn a_report_survives_being_kept() {
        let found = vec![
            Finding::new("webhook", Verdict::Warn)
                .saying("x")
                .advising("foreign"),
        ];
        let kept = serde_json::to_value(&found).unwrap();
        assert_eq!(serde_json::from_value::<Vec<Finding>>(kept).unwrap(), found);
    }
}
