//! What a platform tells about the account itself: the latest is kept for the line's diagnosis.

use super::channel::ChannelWebhook;
use super::unit::Unit;
use crate::store::{StoreError, news_of};
use domain::ports::{ChannelEvent, Inbound, QUIET_NEWS};

/// The longest words kept, in characters.
const LONGEST: usize = 500;

impl Unit<'_> {
    /// Keeps news about the account in the place of older ones; those that mean nothing are not.
    pub(super) async fn account_news(
        &self,
        hook: &ChannelWebhook,
        inbound: &Inbound,
    ) -> Result<(), StoreError> {
        let ChannelEvent::Account { code, detail } = &inbound.event else {
            return Ok(());
        };
        if code == QUIET_NEWS {
            return Ok(());
        }
        let short = |text: &str| text.chars().take(LONGEST).collect::<String>();
        let report = serde_json::json!({ "code": short(code), "detail": short(detail) });
        let at = if inbound.at.0 > 0 {
            inbound.at
        } else {
            self.now
        };
        let text = "insert into checks (tenant_id, subject, report, at) values ($1, $2, $3, $4)
            on conflict (tenant_id, subject)
            do update set report = excluded.report, at = excluded.at
            where excluded.at >= checks.at";
        let values = [
            hook.channel.tenant.0.into(),
            news_of(hook.channel.id).into(),
            report.to_string().into(),
            at.0.into(),
        ];
        self.run(text, values).await?;
        Ok(())
    }
}
