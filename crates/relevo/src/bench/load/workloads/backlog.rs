//! W5: what waited while the desk was down, and Redis was emptied meanwhile.

use super::stage::{Stage, arrived, joined};
use super::to_agents::capacity;
use crate::bench::load::far::Down;
use crate::bench::load::near::send;
use crate::bench::load::now_us;
use crate::bench::load::number::{megabytes, micros};
use crate::bench::load::report::{Block, Workload};
use std::collections::BTreeSet;

pub(super) async fn run(stage: &Stage) -> anyhow::Result<Vec<Workload>> {
    let size = stage.size;
    let far = stage.far().await?;
    let house = stage.talking(&far, 1, size.talks).await?;
    let live = capacity(size.talks, size.relayed);
    let live = stage.relayed(&house, &far, (Some(&live), None)).await?;
    far.tell("/bench/clear", &()).await?;
    let down = Down {
        refusing: BTreeSet::from([1]),
        ..Down::default()
    };
    far.tell("/bench/down", &down).await?;
    let memory = house.resident_kb();
    let plan = capacity(size.talks, size.backlog);
    let sent = send(&house.url, &house.lines, &plan, 51).await?;
    stage.shape.forget_the_queue().await?;
    let before = house.look().await?;
    let recovered = now_us();
    far.tell("/bench/down", &Down::default()).await?;
    arrived(&far, &sent, None).await?;
    let used = house.since(&before).await?;
    let noted = far.noted(false).await?;
    let verdict = joined(&sent.promised, &noted)?;
    let mut block = Block {
        verdict,
        count: verdict.sent,
        used,
        ..Block::default()
    };
    block.timed(&noted.at_desk, Some(recovered));
    let rate = live.block.per_second;
    block.baseline.insert("live, per second".to_owned(), rate);
    let first = noted.at_desk.span_us.map_or(0, |(first, _)| first);
    let waited = micros(first.saturating_sub(recovered)) / 1_000.0;
    block.note("first delivery after recovery, ms", waited);
    block.note("memory before, MB", megabytes(memory));
    block.note("memory at most, MB", megabytes(house.most_resident_kb()));
    block.note("acknowledged meanwhile, p99 ms", sent.percentile(99.0));
    let live = super::to_agents::acknowledged(live);
    Ok(vec![
        Workload::of("W5 live", &house, &[live]),
        Workload::of("W5 drain", &house, &[block]),
    ])
}
