//! W4: whether many companies cost more than one, and whether they disturb each other.

use super::stage::{Stage, arrived, joined};
use super::to_contacts::{BURST, TEXTS};
use crate::bench::load::far::{Down, Orders, Remote};
use crate::bench::load::house::{House, Look};
use crate::bench::load::near::{Mix, Plan, Sent, ask, send};
use crate::bench::load::number::seconds;
use crate::bench::load::report::{Block, Workload};
use std::collections::BTreeSet;
use std::time::Duration;

/// One company in so many has a broken desk.
const BROKEN: usize = 20;
/// Contacts of the busy company.
const BUSY_TALKS: u32 = 8;
/// How much more the busy company's contacts write than all the others together.
const BUSIER: u32 = 5;

pub(super) async fn run(stage: &Stage) -> anyhow::Result<Vec<Workload>> {
    let mut found: Vec<Workload> = Vec::new();
    for companies in stage.size.companies() {
        let part = stage.part(&companies.to_string()).await?;
        let first = found.first();
        let alone = first.map(|it| it.cpu_us_per_message_all_processes);
        found.push(mixed(&part, companies, alone).await?);
        part.shape.gone().await?;
    }
    let part = stage.part("beside").await?;
    found.extend(beside_busy(&part).await?);
    part.shape.gone().await?;
    let part = stage.part("broken").await?;
    found.extend(beside_broken(&part).await?);
    part.shape.gone().await?;
    Ok(found)
}

/// Seven messages of ten are a contact's, by Zipf over companies; `alone` is what one costs with one
/// company.
async fn mixed(stage: &Stage, companies: usize, alone: Option<f64>) -> anyhow::Result<Workload> {
    let size = stage.size;
    let far = stage.far().await?;
    // As many conversations however many companies: they must not be what differs.
    let most = size.companies().max().unwrap_or(1);
    let talks = u32::try_from(most)?.max(size.talks);
    let house = stage.talking(&far, companies, talks).await?;
    let contacts = size.mixed * 7 / 10;
    let plan = Plan {
        skewed: true,
        ..paced((0, talks), contacts, size.seconds)
    };
    let agents = size.mixed - contacts;
    let orders = Orders {
        per_second: Some(agents),
        messages: agents * size.seconds,
        burst: BURST,
        bytes: TEXTS,
    };
    let mut blocks = Vec::new();
    for _ in 0..size.blocks {
        let both = (Some(&plan), Some(&orders));
        let mut block = stage.relayed(&house, &far, both).await?.block;
        if let Some(alone) = alone {
            block
                .baseline
                .insert("one company, CPU µs".to_owned(), alone);
        }
        blocks.push(block);
    }
    let name = format!("W4 companies: {companies}");
    Ok(Workload::of(&name, &house, &blocks))
}

fn paced(talks: (u32, u32), rate: u32, seconds: u32) -> Plan {
    Plan {
        connections: 64,
        talks,
        webhooks: rate * seconds,
        per_second: Some(rate),
        skewed: false,
        mix: Mix::Messages,
    }
}

/// Companies that hear little, without and with one that hears five times as much as all of them.
async fn beside_busy(stage: &Stage) -> anyhow::Result<Vec<Workload>> {
    let size = stage.size;
    let far = stage.far().await?;
    let house = stage.listening(&far, size.beside + 1).await?;
    let (busy, others) = house.lines.split_at(1);
    let talks = BUSY_TALKS + u32::try_from(size.beside)?;
    ask(&house.url, busy, (0, BUSY_TALKS)).await?;
    ask(&house.url, others, (BUSY_TALKS, talks)).await?;
    far.until("conversations are open", talks as usize, |it| it.talks)
        .await?;
    let little = (size.mixed / 5).max(1);
    let cold = paced((BUSY_TALKS, talks), little, size.seconds);
    let hot = paced((0, BUSY_TALKS), little * BUSIER, size.seconds);
    let (mut alone, mut beside) = (Vec::new(), Vec::new());
    for _ in 0..size.blocks {
        let quiet = send(&house.url, others, &cold, 41);
        let quiet = cold_only(&house, &far, quiet).await?;
        let both = async {
            let hot = send(&house.url, busy, &hot, 42);
            let cold = send(&house.url, others, &cold, 43);
            let (hot, mut cold) = tokio::try_join!(hot, cold)?;
            cold.join(hot);
            Ok(cold)
        };
        let mut loud = cold_only(&house, &far, both).await?;
        let name = "the same alone, p99 ms".to_owned();
        loud.baseline.insert(name, quiet.took_ms[2]);
        alone.push(quiet);
        beside.push(loud);
    }
    Ok(vec![
        Workload::of("W4 cold alone", &house, &alone),
        Workload::of("W4 cold beside a busy one", &house, &beside),
    ])
}

/// Counts everybody's messages, and takes the time of the quiet companies' only.
async fn cold_only(
    house: &House,
    far: &Remote,
    sending: impl Future<Output = anyhow::Result<Sent>>,
) -> anyhow::Result<Block> {
    far.tell("/bench/clear", &()).await?;
    let before = house.look().await?;
    let sent = sending.await?;
    arrived(far, &sent, None).await?;
    of_some(house, far, &before, &sent, |talk| talk >= BUSY_TALKS).await
}

/// The same messages, with all desks well and with some of them broken.
async fn beside_broken(stage: &Stage) -> anyhow::Result<Vec<Workload>> {
    let size = stage.size;
    let far = stage.far().await?;
    let talks = u32::try_from(size.beside)?;
    let house = stage.talking(&far, size.beside, talks).await?;
    let broken = |talk: u32| (talk as usize).is_multiple_of(BROKEN);
    let organizations: BTreeSet<i64> = (0..talks)
        .filter(|it| broken(*it))
        .map(|it| i64::from(it) + 1)
        .collect();
    let (refusing, silent) = organizations.into_iter().partition(|it| it % 8 == 1);
    let down = Down { refusing, silent };
    let plan = paced((0, talks), size.mixed, size.seconds);
    let (mut well, mut some) = (Vec::new(), Vec::new());
    for _ in 0..size.blocks {
        let mut p99 = None;
        for (down, blocks) in [(Down::default(), &mut well), (down.clone(), &mut some)] {
            far.tell("/bench/clear", &()).await?;
            far.tell("/bench/down", &down).await?;
            let before = house.look().await?;
            let sent = send(&house.url, &house.lines, &plan, 44).await?;
            // What the broken ones were told arrives when they are mended, and nothing else waits.
            tokio::time::sleep(Duration::from_secs(1)).await;
            far.tell("/bench/down", &Down::default()).await?;
            arrived(&far, &sent, None).await?;
            let mut block = of_some(&house, &far, &before, &sent, |it| !broken(it)).await?;
            if let Some(well) = p99.replace(block.took_ms[2]) {
                let name = "with all desks well, p99 ms".to_owned();
                block.baseline.insert(name, well);
            }
            blocks.push(block);
        }
    }
    Ok(vec![
        Workload::of("W4 all desks well", &house, &well),
        Workload::of("W4 beside broken desks", &house, &some),
    ])
}

/// Counts everybody's messages, and takes the time of some talks only.
async fn of_some(
    house: &House,
    far: &Remote,
    before: &Look,
    sent: &Sent,
    timed: impl Fn(u32) -> bool,
) -> anyhow::Result<Block> {
    let used = house.since(before).await?;
    let noted = far.noted(false).await?;
    let verdict = joined(&sent.promised, &noted)?;
    let took = seconds(used.wall_us);
    let mut block = Block {
        verdict,
        count: verdict.sent,
        used,
        ..Block::default()
    };
    let began = sent.promised.span_us.map(|(first, _)| first);
    block.timed(&noted.at_desk.of(timed), began);
    block.note("seconds", took);
    Ok(block)
}
