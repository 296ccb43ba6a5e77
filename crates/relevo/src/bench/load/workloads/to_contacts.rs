//! W3: what agents say reaches the contacts.

use super::stage::Stage;
use crate::bench::load::far::Orders;
use crate::bench::load::report::Workload;

/// Lengths of agents' texts, in bytes.
pub(super) const TEXTS: (usize, usize) = (200, 8_000);
/// At most so many in a row.
pub(super) const BURST: usize = 20;

pub(super) async fn run(stage: &Stage) -> anyhow::Result<Vec<Workload>> {
    let size = stage.size;
    let far = stage.far().await?;
    let (companies, talks) = size.spoken_to;
    let house = stage.talking(&far, companies, talks).await?;
    let paced = Orders {
        per_second: Some(size.mixed),
        messages: size.mixed * size.seconds,
        burst: BURST,
        bytes: TEXTS,
    };
    let at_once = Orders {
        per_second: None,
        ..paced
    };
    let (mut steady, mut full) = (Vec::new(), Vec::new());
    for _ in 0..size.blocks {
        for (orders, blocks) in [(&paced, &mut steady), (&at_once, &mut full)] {
            let relayed = stage.relayed(&house, &far, (None, Some(orders))).await?;
            blocks.push(relayed.block);
        }
    }
    Ok(vec![
        Workload::of(&format!("W3 at {}/s", size.mixed), &house, &steady),
        Workload::of("W3 capacity", &house, &full),
    ])
}
