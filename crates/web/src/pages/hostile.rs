//! The readers of addresses and forms, for [`crate::hostile`].

use super::conversations::asked::{Asked, Way, beyond};
use super::handoffs::filter;
use crate::extract::Fields;
use domain::metrics::Day;

/// A query string or a form: filters, cursors, spans of days.
pub fn addresses(query: &[u8]) {
    let fields = Fields::parse(query);
    let asked = Asked::parse(&fields, "America/Santiago");
    let address = asked.address("/conversations", &[]);
    let query = address.split_once('?').map_or("", |(_, query)| query);
    let again = Asked::parse(&Fields::parse(query.as_bytes()), "America/Santiago");
    assert_eq!(again.filter, asked.filter, "a link asks for something else");
    let _ = (Way::parse(&fields), beyond(&fields));

    let today = Day(20_779);
    let chosen = filter::Chosen::of(&fields, today);
    assert!((1..=366).contains(&chosen.period.days()), "{chosen:?}");
    let again = filter::Chosen::of(&Fields::parse(chosen.query().as_bytes()), today);
    assert_eq!(again, chosen, "a link chooses something else");
    let _ = filter::cursor(fields.get("before"));
    super::rules::backtest::read(fields.get("bt_state"));
}
