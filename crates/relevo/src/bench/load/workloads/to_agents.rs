//! W2: what contacts say reaches the desk.

use super::stage::{Relayed, Stage};
use crate::bench::load::near::{Mix, Plan};
use crate::bench::load::number::of_count;
use crate::bench::load::report::{Block, Workload};

pub(super) async fn run(stage: &Stage) -> anyhow::Result<Vec<Workload>> {
    let size = stage.size;
    let far = stage.far().await?;
    let house = stage.talking(&far, 1, size.talks).await?;
    let capacity = capacity(size.talks, size.relayed);
    let paced = size.paced.iter().map(|rate| {
        let plan = Plan {
            webhooks: rate * size.seconds,
            per_second: Some(*rate),
            skewed: true,
            ..capacity
        };
        (format!("W2 at {rate}/s"), plan, false)
    });
    let mut stretches = vec![("W2 capacity".to_owned(), capacity, false)];
    stretches.extend(paced);
    // Let's Talk tells its listeners of their own messages, too.
    stretches.push(("W2 capacity, with echoes".to_owned(), capacity, true));
    let mut found: Vec<Vec<Block>> = vec![Vec::new(); stretches.len()];
    for _ in 0..size.blocks {
        for ((_, plan, echoes), blocks) in stretches.iter().zip(&mut found) {
            far.tell("/bench/echo", echoes).await?;
            let relayed = stage.relayed(&house, &far, (Some(plan), None)).await?;
            blocks.push(acknowledged(relayed));
        }
    }
    let found = stretches.iter().zip(&found);
    Ok(found
        .map(|((name, ..), blocks)| Workload::of(name, &house, blocks))
        .collect())
}

/// As fast as webhooks are taken.
pub(super) fn capacity(talks: u32, webhooks: u32) -> Plan {
    Plan {
        connections: 64,
        talks: (0, talks),
        webhooks,
        per_second: None,
        skewed: false,
        mix: Mix::Messages,
    }
}

/// Notes how the webhooks were answered meanwhile.
pub(super) fn acknowledged(relayed: Relayed) -> Block {
    let Relayed { sent, mut block } = relayed;
    block.note("acknowledged, p50 ms", sent.percentile(50.0));
    block.note("acknowledged, p99 ms", sent.percentile(99.0));
    block.note("answered otherwise", of_count(sent.odd));
    block
}
