//! W9: four workers share the companies; one is killed, one is stopped, two join, while contacts and
//! agents go on speaking.

use super::stage::{Stage, arrived, found};
use super::to_contacts::{BURST, TEXTS};
use crate::bench::load::far::{Orders, Remote};
use crate::bench::load::house::House;
use crate::bench::load::near::{Mix, Plan, ask, send};
use crate::bench::load::now_us;
use crate::bench::load::number::{of_count, seconds};
use crate::bench::load::report::{Block, Workload};
use anyhow::Context as _;
use std::time::Duration;

/// Workers that share the companies.
const WORKERS: usize = 4;
/// How often it is looked who holds how many.
const LOOK: Duration = Duration::from_millis(50);

pub(super) async fn run(stage: &Stage) -> anyhow::Result<Vec<Workload>> {
    let size = stage.size;
    let (companies, talks) = size.shared_out;
    let far = stage.far().await?;
    let house = stage.house(&far, companies).await?;
    if !house.has_workers() {
        // One process holds everything: there is nothing to be shared out.
        return Ok(Vec::new());
    }
    house.open().await?;
    for _ in 0..WORKERS {
        house.work().await?;
    }
    let mut moves = Moves {
        house: &house,
        far: &far,
        companies,
        patience: size.patience,
        block: Block::default(),
    };
    moves.until_shared_out("at first", WORKERS).await?;
    ask(&house.url, &house.lines, (0, talks)).await?;
    far.until("conversations are open", talks as usize, |it| it.talks)
        .await?;
    let each = size.mixed / 2;
    let plan = Plan {
        connections: 8,
        talks: (0, talks),
        webhooks: each * size.seconds,
        per_second: Some(each),
        skewed: false,
        mix: Mix::Messages,
    };
    let orders = Orders {
        per_second: Some(each),
        messages: each * size.seconds,
        burst: BURST,
        bytes: TEXTS,
    };
    far.tell("/bench/clear", &()).await?;
    let before = house.look().await?;
    let began = now_us();
    let (sent, moved) = tokio::join!(
        send(&house.url, &house.lines, &plan, 91),
        moves.all(&orders)
    );
    let sent = sent?;
    moved?;
    arrived(&far, &sent, Some(&orders)).await?;
    let mut block = found(&house, &far, (&before, began), &sent).await?;
    block.more.append(&mut moves.block.more);
    block.note("companies", of_count(companies));
    Ok(vec![Workload::of(
        "W9 workers come and go",
        &house,
        &[block],
    )])
}

/// What happens to the workers.
struct Moves<'a> {
    house: &'a House,
    far: &'a Remote,
    companies: usize,
    patience: Duration,
    block: Block,
}

impl Moves<'_> {
    async fn all(&mut self, orders: &Orders) -> anyhow::Result<()> {
        // Until now only contacts speak, whose messages can be looked for at the desk: what a killed
        // worker was telling a contact could be neither taken back nor found at this line.
        tokio::time::sleep(Duration::from_secs(1)).await;
        self.house.kill_worker().context("a worker to kill")?;
        // While nobody hears a part of the companies, their agents begin to speak.
        self.far.tell("/bench/agents", orders).await?;
        self.until_shared_out("after one was killed", WORKERS - 1)
            .await?;
        self.house.work().await?;
        self.until_shared_out("after one joined", WORKERS).await?;
        self.house.stop_worker(self.patience).await?;
        self.until_shared_out("after one was stopped", WORKERS - 1)
            .await?;
        self.house.work().await?;
        self.until_shared_out("after another joined", WORKERS).await
    }

    /// Until each company is heard by one of `workers`, and each of them has its share.
    async fn until_shared_out(&mut self, when: &str, workers: usize) -> anyhow::Result<()> {
        let began = now_us();
        loop {
            let held = self.house.companies_held().await;
            let whole = held.iter().sum::<usize>() == self.companies && held.len() == workers;
            let polls = self.far.noted(true).await?.polls;
            if whole && polls >= self.companies && !held.contains(&0) {
                let took = seconds(now_us() - began);
                self.block
                    .note(&format!("{when}, s until shared out"), took);
                let most = held.iter().max().copied().unwrap_or(0);
                let even = of_count(self.companies) / of_count(workers);
                self.block.note(
                    &format!("{when}, the largest share to an even one"),
                    of_count(most) / even,
                );
                return Ok(());
            }
            anyhow::ensure!(
                seconds(now_us() - began) < self.patience.as_secs_f64(),
                "{when}: {polls} of {} companies are heard, by shares of {held:?}",
                self.companies
            );
            tokio::time::sleep(LOOK).await;
        }
    }
}
