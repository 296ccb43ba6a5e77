//! Metrics in Prometheus text format. There is no listener of its own: the web process and the
//! worker's health endpoint answer `/metrics` with [`MetricsPage::render`].

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use std::time::Duration;

/// How often to call [`MetricsPage::upkeep`].
pub const UPKEEP: Duration = Duration::from_secs(5);

/// Bucket borders in seconds for everything named `*_seconds`, from a local call to a slow
/// platform.
const SECONDS: [f64; 14] = [
    0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];

/// Why metrics could not be started.
#[derive(Debug, thiserror::Error)]
#[error("metrics: {0}")]
pub struct MetricsError(#[from] BuildError);

/// All metrics of this process.
#[derive(Clone)]
pub struct MetricsPage {
    handle: PrometheusHandle,
}

impl MetricsPage {
    /// Makes the `metrics` macros count in this process from now on.
    ///
    /// # Errors
    /// [`MetricsError`]: started twice.
    pub fn install() -> Result<Self, MetricsError> {
        let suffix = Matcher::Suffix("_seconds".to_owned());
        let handle = PrometheusBuilder::new()
            .set_buckets_for_metric(suffix, &SECONDS)?
            .install_recorder()?;
        super::catalogue::begin();
        Ok(Self { handle })
    }

    /// The page, in Prometheus text format 0.0.4.
    #[must_use]
    pub fn render(&self) -> String {
        self.handle.render()
    }

    /// Drains what was measured since the last time; without it memory grows until the next
    /// [`MetricsPage::render`].
    pub fn upkeep(&self) {
        self.handle.run_upkeep();
    }

    /// Calls [`MetricsPage::upkeep`] every [`UPKEEP`] until dropped.
    pub async fn keep_up(self) {
        let mut beat = tokio::time::interval(UPKEEP);
        loop {
            beat.tick().await;
            self.upkeep();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_and_timed_is_on_the_page() {
        let page = MetricsPage::install().unwrap();
        metrics::counter!("relevo_test_total", "lane" => "desk").increment(2);
        metrics::histogram!("relevo_test_seconds").record(0.02);
        page.upkeep();
        let text = page.render();
        assert!(
            text.contains("relevo_test_total{lane=\"desk\"} 2"),
            "{text}"
        );
        assert!(
            text.contains("relevo_test_seconds_bucket{le=\"0.025\"} 1"),
            "{text}"
        );
    }
}
