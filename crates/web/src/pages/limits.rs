//! What a plan allows, where something is made. Nothing that runs is stopped by it.

use crate::extract::Member;
use crate::pages::error::PageError;
use adapters::store::Usage;
use domain::time::Timestamp;

/// Why no further channel can be connected; nothing when it can.
pub(crate) async fn channels(member: &Member) -> Result<Option<String>, PageError> {
    let most = member.terms.limits.most_channels;
    reached(member, most, |usage| usage.channels, "limit-channels").await
}

/// Why nobody else can be invited; nothing when somebody can.
pub(crate) async fn members(member: &Member) -> Result<Option<String>, PageError> {
    let most = member.terms.limits.most_members;
    reached(member, most, |usage| usage.members, "limit-members").await
}

async fn reached(
    member: &Member,
    most: Option<i64>,
    used: impl Fn(Usage) -> i64,
    key: &str,
) -> Result<Option<String>, PageError> {
    let Some(most) = most else { return Ok(None) };
    let month = month_of(member.visitor.app.clock.now());
    let usage = member.store.usage(month).await?;
    let full = used(usage) >= most;
    Ok(full.then(|| member.visitor.lang.n(key, most)))
}

/// The instant at which the calendar month of an instant began, in UTC.
pub(crate) fn month_of(now: Timestamp) -> Timestamp {
    let begun = now.to_jiff().and_then(|t| {
        let zoned = t.to_zoned(jiff::tz::TimeZone::UTC);
        zoned.first_of_month().and_then(|z| z.start_of_day()).ok()
    });
    begun.map_or(now, |z| Timestamp(z.timestamp().as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::month_of;
    use domain::time::Timestamp;

    #[test]
    fn a_month_begins_at_its_first_midnight() {
        let now = Timestamp(1_795_363_200_000); // 2026-11-22T16:00:00Z
        assert_eq!(month_of(now).to_rfc3339(), "2026-11-01T00:00:00Z");
    }
}
