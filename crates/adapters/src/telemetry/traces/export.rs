//! From the hops of a process to the collector, beside the work: a bounded queue, batches, and a
//! bounded wait at the end.

use super::{Sample, TRACES, Traces};
use domain::ports::{Clock, IdSource};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkError;
use opentelemetry_sdk::trace::{SpanData, SpanExporter as _};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use url::Url;

/// Hops that wait for the collector; about a kilobyte each.
const ROOM: usize = 8192;
/// Hops of one request.
const BATCH: usize = 512;
/// So long a batch waits for more.
const LINGER: Duration = Duration::from_millis(500);
/// So long one request may take, with its repetitions.
const LIMIT: Duration = Duration::from_secs(5);
/// So long the end of the process waits for what was not sent yet.
const FAREWELL: Duration = Duration::from_secs(3);

/// Why traces cannot be sent.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// The address is of no use.
    #[error("collector of traces: {0}")]
    Setup(#[from] ExporterBuildError),
    /// It did not take what was sent.
    #[error("collector of traces: {0}")]
    Refused(#[from] OTelSdkError),
    /// It did not answer in time.
    #[error("collector of traces: no answer in time")]
    Late,
    /// The process has traces already.
    #[error("traces were started twice")]
    Twice,
}

/// Where traces are sent: OTLP over HTTP, in protobuf.
#[derive(Clone, Debug)]
pub struct Collector {
    /// Its base; `/v1/traces` follows.
    pub endpoint: Url,
    /// The client to send with.
    pub client: reqwest::Client,
}

impl Collector {
    fn exporter(&self) -> Result<SpanExporter, TraceError> {
        let base = self.endpoint.as_str().trim_end_matches('/');
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(self.client.clone())
            .with_endpoint(format!("{base}/v1/traces"))
            .with_timeout(LIMIT)
            .build()?;
        Ok(exporter)
    }

    /// Whether it answers; an empty request is a valid one.
    ///
    /// # Errors
    /// What went wrong.
    pub async fn ping(&self) -> Result<(), TraceError> {
        let exporter = self.exporter()?;
        bounded(&exporter, Vec::new()).await
    }
}

async fn bounded(exporter: &SpanExporter, batch: Vec<SpanData>) -> Result<(), TraceError> {
    match tokio::time::timeout(LIMIT, exporter.export(batch)).await {
        Ok(sent) => Ok(sent?),
        Err(_) => Err(TraceError::Late),
    }
}

/// The sending of traces, as long as the process runs.
pub struct Exporting {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

/// Begins to keep traces in this process, on the current runtime. `role` is what the process does
/// (`web`, `worker`); traces name it as their service.
///
/// # Errors
/// The address is of no use, or traces were started before.
pub fn start(
    collector: &Collector,
    sample: Sample,
    role: &str,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
) -> Result<Exporting, TraceError> {
    let mut exporter = collector.exporter()?;
    let version = env!("CARGO_PKG_VERSION");
    let resource = Resource::builder()
        .with_service_name(format!("relevo-{role}"))
        .with_attributes([
            KeyValue::new("service.namespace", "relevo"),
            KeyValue::new("service.version", version),
            KeyValue::new("service.instance.id", ids.next().to_string()),
        ])
        .build();
    exporter.set_resource(&resource);
    let (queue, hops) = mpsc::channel(ROOM);
    let scope = InstrumentationScope::builder("relevo")
        .with_version(version)
        .build();
    let traces = Traces {
        sample,
        clock,
        ids,
        queue,
        scope,
    };
    TRACES.set(traces).map_err(|_| TraceError::Twice)?;
    let stop = CancellationToken::new();
    let sender = Sender {
        exporter,
        answers: true,
    };
    let task = tokio::spawn(sender.run(hops, stop.clone()));
    Ok(Exporting { stop, task })
}

impl Exporting {
    /// Sends what waits, for a few seconds at most.
    pub async fn finish(mut self) {
        self.stop.cancel();
        if tokio::time::timeout(FAREWELL, &mut self.task)
            .await
            .is_err()
        {
            self.task.abort();
            tracing::warn!("the last hops of traces could not be sent in time");
        }
    }
}

struct Sender {
    exporter: SpanExporter,
    /// Whether the collector took the last batch, so that a change is told once.
    answers: bool,
}

impl Sender {
    async fn run(mut self, mut hops: mpsc::Receiver<SpanData>, stop: CancellationToken) {
        loop {
            let mut batch = Vec::new();
            tokio::select! {
                _ = hops.recv_many(&mut batch, BATCH) => {}
                () = stop.cancelled() => break,
            }
            let linger = tokio::time::sleep(LINGER);
            tokio::pin!(linger);
            while batch.len() < BATCH && !stop.is_cancelled() {
                let room = BATCH - batch.len();
                tokio::select! {
                    _ = hops.recv_many(&mut batch, room) => {}
                    () = &mut linger => break,
                    () = stop.cancelled() => break,
                }
            }
            self.send(batch).await;
        }
        hops.close();
        loop {
            let mut batch = Vec::new();
            if hops.recv_many(&mut batch, BATCH).await == 0 {
                return;
            }
            self.send(batch).await;
        }
    }

    /// A batch that the collector does not take is gone: hops are worth less than the room that
    /// keeping them would take.
    async fn send(&mut self, batch: Vec<SpanData>) {
        let number = batch.len() as u64;
        match bounded(&self.exporter, batch).await {
            Ok(()) => {
                count("sent", number);
                if !self.answers {
                    tracing::info!("the collector of traces takes them again");
                }
                self.answers = true;
            }
            Err(error) => {
                count("failed", number);
                if self.answers {
                    tracing::warn!(%error, "traces are lost until their collector answers");
                }
                self.answers = false;
            }
        }
    }
}

/// Counts hops by what became of them.
pub(super) fn count(result: &'static str, number: u64) {
    metrics::counter!("relevo_trace_spans", "result" => result).increment(number);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{SystemClock, UuidV7};
    use crate::net::{Http, NetPolicy};
    use crate::telemetry::MetricsPage;
    use crate::telemetry::traces::{Hop, now, of};
    use domain::ids::MessageId;
    use domain::time::Timestamp;

    /// On one thread, so that nothing is sent while hops are told.
    #[tokio::test]
    async fn what_has_no_room_is_counted_and_nobody_waits() {
        let message = MessageId(UuidV7.next());
        assert!(now().is_none() && of(message).is_none(), "kept unasked");
        let page = MetricsPage::install().unwrap();
        let collector = Collector {
            endpoint: Url::parse("http://127.0.0.1:9/base").unwrap(),
            client: Http::new(NetPolicy::default()).unwrap().platform,
        };
        let (clock, ids) = (Arc::new(SystemClock), Arc::new(UuidV7));
        let exporting = start(&collector, Sample::ALL, "test", clock.clone(), ids.clone());
        let again = start(&collector, Sample::ALL, "test", clock, ids);
        assert!(matches!(again, Err(TraceError::Twice)));
        let trace = of(message).unwrap();
        for at in 0..ROOM + 5 {
            trace.hop(Hop::at("hop", Timestamp(at as i64)));
        }
        let dropped = "relevo_trace_spans{result=\"dropped\"} 5";
        assert!(page.render().contains(dropped), "{}", page.render());
        exporting.unwrap().finish().await;
    }
}
