//! A workload's own place, and what workloads do alike.

use super::Size;
use crate::bench::load::far::{Noted, Orders, Remote};
use crate::bench::load::house::{House, Look, Shape, cpu};
use crate::bench::load::near::{Plan, Sent, ask, send};
use crate::bench::load::now_us;
use crate::bench::load::number::{micros, of_count, of_u64};
use crate::bench::load::primitives::{self, Found};
use crate::bench::load::report::Block;
use crate::bench::load::verdict::{Notes, Verdict, verdict};
use std::path::{Path, PathBuf};

/// Where a workload runs.
pub(super) struct Stage {
    pub shape: Shape,
    pub size: Size,
    pub folder: PathBuf,
    name: String,
}

/// What was sent in one stretch, and what came of it.
pub(super) struct Relayed {
    pub sent: Sent,
    pub block: Block,
}

impl Stage {
    /// A folder, a database and a Redis without anything in them.
    pub async fn new(shape: &Shape, folder: &Path, name: &str, size: Size) -> anyhow::Result<Self> {
        let folder = folder.join(name);
        std::fs::create_dir_all(&folder)?;
        Ok(Self {
            shape: shape.fresh(name).await?,
            size,
            folder,
            name: name.to_owned(),
        })
    }

    /// A stage for a part of the workload that needs a house of its own.
    pub async fn part(&self, name: &str) -> anyhow::Result<Self> {
        let name = format!("{}_{name}", self.name);
        Self::new(&self.shape, &self.folder, &name, self.size).await
    }

    /// The simulators.
    pub async fn far(&self) -> anyhow::Result<Remote> {
        Remote::start(self.size.patience, None).await
    }

    /// The simulators, whose stream answers over TLS only.
    pub async fn far_over_tls(&self) -> anyhow::Result<Remote> {
        let papers = self.folder.join("papers");
        Remote::start(self.size.patience, Some(&papers)).await
    }

    /// A house with companies in it, nothing of which runs yet.
    pub async fn house(&self, far: &Remote, companies: usize) -> anyhow::Result<House> {
        House::build(self.shape.clone(), &self.folder, far, companies).await
    }

    /// A house that is open and hears every desk.
    pub async fn listening(&self, far: &Remote, companies: usize) -> anyhow::Result<House> {
        let house = self.house(far, companies).await?;
        house.open().await?;
        house.work().await?;
        far.until("desks are heard", companies, |it| it.polls)
            .await?;
        Ok(house)
    }

    /// A house whose contacts all talk with a person.
    pub async fn talking(
        &self,
        far: &Remote,
        companies: usize,
        talks: u32,
    ) -> anyhow::Result<House> {
        let house = self.listening(far, companies).await?;
        ask(&house.url, &house.lines, (0, talks)).await?;
        far.until("conversations are open", talks as usize, |it| it.talks)
            .await?;
        Ok(house)
    }

    /// What the machine gives right now, without a house.
    pub async fn primitives(&self, far: &Remote, batches: &[usize]) -> anyhow::Result<Found> {
        let url = match &self.shape {
            Shape::Production { database, .. } => database.clone(),
            Shape::Embedded => {
                let file = self.folder.join("primitive.db");
                format!("sqlite://{}?mode=rwc", file.display())
            }
        };
        let rows = self.size.webhooks as usize / 3;
        let mut found = primitives::commits(&url, batches, rows).await?;
        found.extend(primitives::bare_server(far, self.size.webhooks / 2).await?);
        Ok(found)
    }

    /// Contacts and agents speak; waits until everything has arrived on the other side.
    pub async fn relayed(
        &self,
        house: &House,
        far: &Remote,
        (plan, orders): (Option<&Plan>, Option<&Orders>),
    ) -> anyhow::Result<Relayed> {
        let baseline = self.primitives(far, &[20]).await?;
        far.tell("/bench/clear", &()).await?;
        let before = house.look().await?;
        let (beside, began) = (beside(far), now_us());
        if let Some(orders) = orders {
            far.tell("/bench/agents", orders).await?;
        }
        let sent = match plan {
            Some(plan) => send(&house.url, &house.lines, plan, 21).await?,
            None => Sent::default(),
        };
        arrived(far, &sent, orders).await?;
        let beside = self::beside(far).saturating_sub(beside);
        let mut block = found(house, far, (&before, began), &sent).await?;
        block.baseline = baseline;
        let beside = micros(beside) / of_count(block.count.max(1));
        block.note("generator and simulators, CPU µs", beside);
        Ok(Relayed { sent, block })
    }
}

/// What became of messages both ways, all of which have arrived, and what they cost since a look; they
/// were begun with at an instant.
pub(super) async fn found(
    house: &House,
    far: &Remote,
    (before, began): (&Look, u64),
    sent: &Sent,
) -> anyhow::Result<Block> {
    let used = house.since(before).await?;
    let noted = far.noted(false).await?;
    let verdict = joined(&sent.promised, &noted)?;
    let marks = of_u64(noted.read_marks) / of_count(verdict.sent.max(1));
    let mut all = noted.at_desk;
    all.join(noted.at_line);
    let mut block = Block {
        verdict,
        count: verdict.sent,
        used,
        ..Block::default()
    };
    block.timed(&all, Some(began));
    block.note("read marks for a message", marks);
    Ok(block)
}

/// Processor time of the generator, which is this process, and of the simulators, in microseconds.
fn beside(far: &Remote) -> u64 {
    (cpu::of(std::process::id()) + cpu::of(far.pid())).us
}

/// Waits until all that was promised has arrived.
pub(super) async fn arrived(
    far: &Remote,
    sent: &Sent,
    orders: Option<&Orders>,
) -> anyhow::Result<()> {
    let promised = sent.promised.count;
    far.until("messages at the desks", promised, |it| it.at_desk.count)
        .await?;
    let ordered = orders.map_or(0, |it| it.messages as usize);
    far.until("messages at the lines", ordered, |it| it.at_line.count)
        .await
}

/// What became of the messages, both ways.
///
/// # Errors
/// Something was sent that no platform would have taken.
pub(super) fn joined(promised: &Notes, noted: &Noted) -> anyhow::Result<Verdict> {
    let refused = &noted.refused;
    anyhow::ensure!(refused.is_empty(), "the simulators refused: {refused:?}");
    let mut all = verdict(promised, &noted.at_desk).and(verdict(&noted.said, &noted.at_line));
    all.misdirected = noted.misdirected;
    Ok(all)
}
