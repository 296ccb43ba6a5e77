//! W7: companies on which nothing happens; W8: how long until all of them are heard.

use super::stage::Stage;
use crate::bench::load::far::Remote;
use crate::bench::load::now_us;
use crate::bench::load::number::{megabytes, micros, of_count, of_u64, seconds};
use crate::bench::load::primitives;
use crate::bench::load::report::{Block, Workload};

/// So many bare polls tell what one takes; the simulators hold the others besides.
const MOST_BARE: usize = 2_000;

pub(super) async fn run(stage: &Stage) -> anyhow::Result<Vec<Workload>> {
    let plain = idle(stage, "W7 idle, W8 start", false).await?;
    let part = stage.part("tls").await?;
    let secure = idle(&part, "W7 idle, W8 start, over TLS", true).await?;
    part.shape.gone().await?;
    Ok(vec![plain, secure])
}

async fn idle(stage: &Stage, name: &str, over_tls: bool) -> anyhow::Result<Workload> {
    let size = stage.size;
    let listeners = match over_tls {
        true => size.listeners_over_tls,
        false => size.listeners,
    };
    // What the processes are before the others are heard.
    let empty = stage.part("empty").await?;
    let bare = {
        let far = other_side(stage, over_tls).await?;
        let house = empty.listening(&far, 1).await?;
        tokio::time::sleep(size.idle.0).await;
        house.resident_kb()
    };
    empty.shape.gone().await?;
    let far = other_side(stage, over_tls).await?;
    let house = stage.house(&far, listeners).await?;
    let began = now_us();
    house.open().await?;
    house.work().await?;
    far.until("desks are heard", listeners, |it| it.polls)
        .await?;
    let live = now_us() - began;
    tokio::time::sleep(size.idle.0).await;
    let before = house.look().await?;
    tokio::time::sleep(size.idle.1).await;
    let used = house.since(&before).await?;
    let noted = far.noted(true).await?;
    anyhow::ensure!(noted.refused.is_empty(), "refused: {:?}", noted.refused);
    let whole = house.resident_kb();
    let mut block = Block::default();
    block.note("companies", of_count(listeners));
    block.note("until all are heard, s", seconds(live));
    let most = of_u64(noted.most_began);
    block.note("most subscriptions in a second", most);
    block.note("memory in all, MB", megabytes(whole));
    block.note("memory with one company, MB", megabytes(bare));
    let each = of_u64(whole.saturating_sub(bare)) / of_count(listeners);
    block.note("KB for a company", each);
    let share = |us: u64| micros(us) / micros(used.wall_us);
    block.note("share of a core", share(used.cpu_us));
    block.note("share of a core, own", share(used.own_us));
    if let Some(counted) = used.counted {
        let a_second = |count: u64| of_u64(count) / seconds(counted.wall_us);
        block.note("transactions a second", a_second(counted.commits));
        if let Some(statements) = counted.statements {
            block.note("statements a second", a_second(statements));
        }
        for (text, calls, _) in counted.asked.iter().take(10) {
            let text: Vec<&str> = text.split_whitespace().collect();
            block.note(&format!("a second: {}", text.join(" ")), a_second(*calls));
        }
    }
    let polls = listeners.min(MOST_BARE);
    block.baseline = primitives::idle_polls(&far, polls).await?;
    Ok(Workload::of(name, &house, &[block]))
}

async fn other_side(stage: &Stage, over_tls: bool) -> anyhow::Result<Remote> {
    match over_tls {
        true => stage.far_over_tls().await,
        false => stage.far().await,
    }
}
