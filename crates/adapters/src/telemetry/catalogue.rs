//! Every figure that a process tells under `/metrics`, by name. What never happened yet must be
//! told as 0: Prometheus sees no growth from nothing to 1, and the first time is the one that
//! counts.

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};

/// How a figure moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Grows.
    Counter,
    /// Grows; its labels are known beforehand by one key and its values.
    CounterBy(&'static str, &'static [&'static str]),
    /// Grows; its labels show themselves.
    Labelled,
    /// Goes up and down.
    Gauge,
    /// Is measured.
    Histogram,
}

/// A figure.
#[derive(Clone, Copy, Debug)]
pub struct Figure {
    /// Its name on the page.
    pub name: &'static str,
    /// How it moves.
    pub kind: Kind,
    /// What it counts, in a sentence.
    pub help: &'static str,
}

const fn figure(name: &'static str, kind: Kind, help: &'static str) -> Figure {
    Figure { name, kind, help }
}

use Kind::{Counter, CounterBy, Gauge, Histogram, Labelled};

/// All figures.
pub const FIGURES: &[Figure] = &[
    figure(
        "relevo_api_calls",
        CounterBy(
            "result",
            &[
                "accepted",
                "unauthorized",
                "out_of_scope",
                "suspended",
                "throttled",
            ],
        ),
        "Calls of the REST API by result.",
    ),
    figure(
        "relevo_bodies_without_room",
        Counter,
        "Bodies answered 503 because too many others were in memory.",
    ),
    figure(
        "relevo_bot_answers",
        Counter,
        "Webhooks that a bot answered with a message.",
    ),
    figure(
        "relevo_bot_calls",
        Labelled,
        "Calls of bots through the send proxy, by channel and result.",
    ),
    figure(
        "relevo_bot_results_lost",
        Counter,
        "Bot messages whose outcome could not be recorded.",
    ),
    figure(
        "relevo_claims_inherited_total",
        Counter,
        "Rows taken over from workers that died.",
    ),
    figure(
        "relevo_claims_lost_total",
        Counter,
        "Results that came after another worker had taken the row over.",
    ),
    figure(
        "relevo_decoder_panics",
        Counter,
        "Webhooks at which a decoder failed; kept raw.",
    ),
    figure(
        "relevo_desk_duplicates_closed_total",
        Counter,
        "Conversations opened twice in Let's Talk, of which one was closed.",
    ),
    figure(
        "relevo_desk_rows_unreadable_total",
        Counter,
        "Listed messages of Let's Talk that could not be read.",
    ),
    figure(
        "relevo_excerpts_failed",
        Counter,
        "Batches that could not be cut and went to the bot whole.",
    ),
    figure(
        "relevo_gaps_repaired_total",
        Counter,
        "Messages missed by the stream and found in the listing.",
    ),
    figure(
        "relevo_heartbeats_lost_total",
        Counter,
        "Heartbeats that Redis did not answer.",
    ),
    figure(
        "relevo_ingest_batch",
        Histogram,
        "Submissions that shared a commit.",
    ),
    figure(
        "relevo_ingest_panics",
        Counter,
        "Submissions that met a defect and were undone.",
    ),
    figure(
        "relevo_ingest_refused",
        Counter,
        "Submissions answered 503 because too much waited.",
    ),
    figure(
        "relevo_ingest_relocked",
        Counter,
        "Commits tried without locks that needed some.",
    ),
    figure(
        "relevo_ingest_retries",
        Counter,
        "Commits repeated after a conflict.",
    ),
    figure(
        "relevo_ledger",
        Gauge,
        "Messages of the last 7 days by direction and column of the books.",
    ),
    figure(
        "relevo_mails",
        CounterBy("result", &["sent", "again", "refused", "expired"]),
        "Mails by result of the try.",
    ),
    figure(
        "relevo_messages_forgotten",
        Counter,
        "Messages whose words were removed by retention.",
    ),
    figure(
        "relevo_outbound_seconds",
        Histogram,
        "Time of a try, by lane.",
    ),
    figure(
        "relevo_outbound_tries",
        Labelled,
        "Tries by lane (channel, desk, bot, events, media) and result (done, later, dead).",
    ),
    figure(
        "relevo_outbox_quarantined_total",
        Counter,
        "Stored rows that this version could not read and put aside.",
    ),
    figure(
        "relevo_outbox_stuck",
        Gauge,
        "Rows that should have been tried more than a minute ago and are in nobody's hands.",
    ),
    figure(
        "relevo_paced_total",
        Counter,
        "Messages that waited to keep a platform's pace.",
    ),
    figure(
        "relevo_queue_errors",
        Counter,
        "Calls to the queue that failed.",
    ),
    figure(
        "relevo_ready",
        Gauge,
        "1 where a dependency answered the last question for readiness, by part.",
    ),
    figure(
        "relevo_realtime_events_total",
        Counter,
        "Events of Let's Talk that were stored.",
    ),
    figure(
        "relevo_realtime_poison_total",
        Counter,
        "Events of Let's Talk that could not be read and were kept as they came, each once.",
    ),
    figure(
        "relevo_realtime_poll_errors_total",
        CounterBy("failure", &["refused", "rejected", "down"]),
        "Polls of PubNub that failed; refused: the keys are not accepted.",
    ),
    figure(
        "relevo_realtime_repeated_total",
        Counter,
        "Events of Let's Talk that were known already.",
    ),
    figure(
        "relevo_realtime_watchdog_total",
        Counter,
        "Polls that were given up because nothing came for too long.",
    ),
    figure(
        "relevo_requests_withdrawn_total",
        Counter,
        "Requests that did not leave, since another worker might have taken over.",
    ),
    figure(
        "relevo_rules_unusable",
        Counter,
        "Stored rules that could not be used and were left out.",
    ),
    figure(
        "relevo_subscription_panics_total",
        Counter,
        "Subscriptions that crashed and were started anew.",
    ),
    figure(
        "relevo_subscriptions_running",
        Gauge,
        "Tenants whose Let's Talk this worker listens to.",
    ),
    figure(
        "relevo_tokens_renewed",
        Counter,
        "Tokens of Instagram renewed.",
    ),
    figure(
        "relevo_trace_spans",
        CounterBy("result", &["sent", "failed", "dropped"]),
        "Spans of traces; failed: the collector did not take them, dropped: too many waited.",
    ),
    figure(
        "relevo_wakeups_dropped",
        Counter,
        "Wake-ups that found no room; the sweep finds their work.",
    ),
    figure(
        "relevo_webhook_events",
        Labelled,
        "Events of webhooks by channel and result.",
    ),
    figure(
        "relevo_webhooks",
        Labelled,
        "Webhooks by channel and result.",
    ),
    figure(
        "relevo_workers",
        Gauge,
        "Living workers, as this one sees them.",
    ),
];

/// Describes all figures and tells 0 of what has not happened.
pub(super) fn begin() {
    for Figure { name, kind, help } in FIGURES.iter().copied() {
        match kind {
            Counter => {
                describe_counter!(name, help);
                metrics::counter!(name).increment(0);
            }
            CounterBy(key, values) => {
                describe_counter!(name, help);
                for value in values {
                    metrics::counter!(name, key => *value).increment(0);
                }
            }
            Labelled => describe_counter!(name, help),
            Gauge => describe_gauge!(name, help),
            Histogram if name.ends_with("_seconds") => {
                describe_histogram!(name, Unit::Seconds, help);
            }
            Histogram => describe_histogram!(name, help),
        }
    }
}
