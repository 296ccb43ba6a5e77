//! Diagnoses with made-up data.

use super::report::{Finding, Verdict};
use super::view::{DoctorPage, Facts, last, stuck_views};
use crate::pages::parts::Badge;
use crate::pages::samples::{NOW, Samples};
use crate::pages::shell::Nav;
use adapters::store::Stuck;
use askama::Template;
use domain::outbound::Lane;
use std::time::Duration;

fn findings(s: &Samples) -> serde_json::Value {
    let w = s.w;
    let of = |check: &str, verdict| Finding::new(check, verdict);
    let all = vec![
        of("reach", Verdict::Ok),
        of("token", Verdict::Failed).saying(w("Error validating access token")),
        of("permission", Verdict::Skipped),
        of("account", Verdict::Warn).advising("channel.whatsapp.quality_red"),
        of("webhook", Verdict::Failed)
            .advising("foreign")
            .saying(w("https://otro.example.com/telegram/hook")),
        of("delivery", Verdict::Warn).saying(w("Connection timed out")),
        of("pending", Verdict::Warn).saying("3"),
        of("door", Verdict::Failed).advising("private"),
        of("bot", Verdict::Ok).saying(w("https://bot.cafenorte.cl/hook")),
    ];
    serde_json::to_value(all).unwrap()
}

fn stuck(s: &Samples) -> Vec<Stuck> {
    let row = |lane, given_up, rows, error: Option<&str>, code: Option<&str>| Stuck {
        lane,
        given_up,
        rows,
        oldest: NOW,
        next_at: NOW.after(Duration::from_secs(60)),
        error: error.map(s.w),
        code: code.map(s.w),
    };
    vec![
        row(
            Lane::Channel,
            true,
            2,
            Some("Message undeliverable"),
            Some("131026"),
        ),
        row(Lane::Channel, false, 1, Some("outside"), None),
        row(
            Lane::Bot,
            false,
            14,
            Some("the bot did not take the webhook"),
            Some("502"),
        ),
        row(Lane::Media, false, 1, None, None),
    ]
}

/// A channel in trouble, one that was never checked, and the desk.
pub(crate) fn screens(s: &Samples) -> Vec<(&'static str, String)> {
    let (l, dates, w) = (s.l, s.dates(), s.w);
    let stuck = stuck(s);
    let mut facts = Facts::new(l, &dates);
    facts.instant("last-inbound", Some(NOW));
    facts.instant("last-outbound", None);
    facts.rate("error-rate", 3, 41);
    facts.said("health", w("Error validating access token"));
    facts.pause(&stuck, NOW);
    let mut stream = Facts::new(l, &dates);
    stream.badge("stream-state", Badge::new("ok", l.t("desk-health-ok")));
    stream.instant("stream-event", Some(NOW));
    stream.said("stream-error", w("403 Forbidden"));
    let page = |path: &str, nav| DoctorPage {
        s: s.shell(nav, path),
        title: l.with("doctor-title", "name", w("Atención a clientes")),
        lead: l.t("doctor-lead-channel"),
        back: "/channels/1".to_owned(),
        back_label: w("Atención a clientes"),
        kind: Some("whatsapp"),
        action: path.to_owned(),
        can_run: true,
        last: None,
        facts: Vec::new(),
        stream: Vec::new(),
        stuck: Vec::new(),
    };
    let sick = DoctorPage {
        last: last(Some((findings(s), NOW)), &dates, l),
        facts: facts.all,
        stuck: stuck_views(&stuck, &dates, l, NOW),
        ..page("/channels/1/doctor", Nav::Channels)
    };
    let fresh = page("/channels/1/doctor", Nav::Channels);
    let desk = DoctorPage {
        kind: None,
        stream: stream.all,
        title: l.with("doctor-title", "name", "Let's Talk"),
        ..page("/desk/doctor", Nav::Desk)
    };
    vec![
        ("doctor-channel", sick.render().unwrap()),
        ("doctor-fresh", fresh.render().unwrap()),
        ("doctor-desk", desk.render().unwrap()),
    ]
}
