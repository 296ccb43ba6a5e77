//! W1: webhooks are stored and answered. In production only the web runs; the embedded default
//! forwards to the bot all the while.

use super::stage::Stage;
use crate::bench::load::house::House;
use crate::bench::load::near::{Mix, Plan, forged, send};
use crate::bench::load::number::{micros, of_count, of_u64, seconds};
use crate::bench::load::primitives::Found;
use crate::bench::load::report::{Block, Workload};
use crate::bench::load::verdict::Verdict;
use anyhow::Context as _;

pub(super) async fn run(stage: &Stage) -> anyhow::Result<Vec<Workload>> {
    let size = stage.size;
    let far = stage.far().await?;
    let house = stage.house(&far, 1).await?;
    house.open().await?;
    let capacity = Plan {
        connections: 64,
        talks: (0, size.talks),
        webhooks: size.webhooks,
        per_second: None,
        skewed: false,
        mix: Mix::Webhooks,
    };
    let (mut full, mut halves) = (Vec::new(), Vec::new());
    for _ in 0..size.blocks {
        let baseline = stage.primitives(&far, &[1, 20, 100]).await?;
        let block = stored(&house, &capacity, baseline.clone()).await?;
        // A rate of webhooks a second fits.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let half = ((block.per_second / 2.0) as u32).max(1);
        let paced = Plan {
            // Enough to be a measurement, however slow the machine.
            webhooks: (half * size.seconds).clamp(size.webhooks / 4, size.webhooks),
            per_second: Some(half),
            ..capacity
        };
        full.push(block);
        halves.push(stored(&house, &paced, baseline).await?);
    }
    let last = halves.last_mut().context("no block")?;
    refused(&house, size.webhooks / 5, last).await?;
    Ok(vec![
        Workload::of("W1 capacity", &house, &full),
        Workload::of("W1 at half", &house, &halves),
    ])
}

/// Webhooks, and whether all that was answered 200 is in the database.
async fn stored(house: &House, plan: &Plan, baseline: Found) -> anyhow::Result<Block> {
    let there = house.stored().await?;
    let before = house.look().await?;
    let sent = send(&house.url, &house.lines, plan, 11).await?;
    let used = house.since(&before).await?;
    let (promised, fresh) = (sent.promised.count, house.stored().await? - there);
    let verdict = Verdict {
        sent: promised,
        delivered: promised.min(fresh),
        lost: promised.saturating_sub(fresh),
        duplicated: fresh.saturating_sub(promised),
        ..Verdict::default()
    };
    let mut block = Block {
        verdict,
        count: sent.webhooks,
        used,
        per_second: of_count(sent.webhooks) / seconds(sent.span_us),
        took_ms: [50.0, 95.0, 99.0].map(|percent| sent.percentile(percent)),
        baseline,
        ..Block::default()
    };
    block.note("answered otherwise", of_count(sent.odd));
    Ok(block)
}

/// What it costs to refuse what somebody else signed.
async fn refused(house: &House, count: u32, block: &mut Block) -> anyhow::Result<()> {
    let line = house.lines.first().context("no line")?;
    let before = house.look().await?;
    let refused = forged(&house.url, line, count).await?;
    let used = house.since(&before).await?;
    let each = micros(used.own_us) / f64::from(count);
    block.note("forged: CPU µs", each);
    block.note("forged: not refused", f64::from(count - refused));
    if let Some(statements) = used.counted.and_then(|it| it.statements) {
        block.note("forged: statements in all", of_u64(statements));
    }
    Ok(())
}
