//! The workloads (`performance.md`, «Measurement plan»), each on a house of its own.

use super::far::{Down, Noted, Orders};
use super::house::{House, Process, Shape, Used};
use super::near::{Mix, Plan, Sent, Wire, ask, forged, send};
use super::primitives::{self, micros, seconds};
use super::report::{Report, Workload};
use super::verdict::{Notes, Verdict, verdict};
use anyhow::Context as _;
use serde::Serialize;
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::PathBuf;
use std::time::Duration;

/// Longest time until what was promised has arrived.
const PATIENCE: Duration = Duration::from_secs(300);

/// What to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Webhooks are acknowledged; nobody relays.
    W1,
    /// From contacts to agents.
    W2,
    /// From agents to contacts.
    W3,
    /// What waited while the desk was down.
    W5,
    /// Companies on which nothing happens; with it W8, how long until all are heard.
    W7,
}

impl Which {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::W1, Self::W2, Self::W3, Self::W5, Self::W7];

    /// By its name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let all = Self::ALL.into_iter();
        all.into_iter()
            .find(|it| format!("{it:?}").eq_ignore_ascii_case(name))
    }
}

/// How much.
#[derive(Clone, Copy, Debug)]
struct Size {
    webhooks: u32,
    talks: u32,
    paced: u32,
    seconds: u32,
    companies: usize,
    listeners: usize,
    idle_s: u64,
}

const WHOLE: Size = Size {
    webhooks: 60_000,
    talks: 2_000,
    paced: 500,
    seconds: 20,
    companies: 1_000,
    listeners: 10_000,
    idle_s: 60,
};

const QUICK: Size = Size {
    webhooks: 400,
    talks: 20,
    paced: 100,
    seconds: 2,
    companies: 5,
    listeners: 20,
    idle_s: 1,
};

/// Runs the workloads on a shape.
///
/// # Errors
/// A process did not start, or promised messages did not arrive in time.
pub async fn run(
    which: &[Which],
    shape: &Shape,
    folder: PathBuf,
    quick: bool,
) -> anyhow::Result<Report> {
    let size = if quick { QUICK } else { WHOLE };
    let mut workloads = Vec::new();
    for which in which {
        let folder = folder.join(format!("{which:?}"));
        std::fs::create_dir_all(&folder)?;
        tracing::info!(workload = ?which, shape = shape.name(), "measuring");
        let shape = &shape.fresh(&format!("{which:?}").to_lowercase()).await?;
        let stage = Stage {
            shape,
            folder,
            size,
        };
        let found = match which {
            Which::W1 => stage.acknowledged().await,
            Which::W2 => stage.to_agents().await,
            Which::W3 => stage.to_contacts().await,
            Which::W5 => stage.backlog().await,
            Which::W7 => stage.idle().await,
        };
        workloads.extend(found.with_context(|| format!("{which:?}"))?);
    }
    Ok(Report {
        optimised: !cfg!(debug_assertions),
        processors: std::thread::available_parallelism().map_or(0, usize::from),
        workloads,
    })
}

/// The simulators' process.
struct Other {
    process: Process,
    url: String,
}

impl Other {
    async fn start() -> anyhow::Result<Self> {
        let listen = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let process = Process::spawn(&["bench", "far", "--at", &listen.to_string()])?;
        let other = Self {
            process,
            url: format!("http://{listen}"),
        };
        let until = tokio::time::Instant::now() + Duration::from_secs(30);
        while other.noted(true).await.is_err() {
            anyhow::ensure!(
                tokio::time::Instant::now() < until,
                "the simulators do not answer"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(other)
    }

    async fn noted(&self, light: bool) -> anyhow::Result<Noted> {
        let body = Wire::to(&self.url)?
            .get(&format!("/bench/notes?light={light}"))
            .await?;
        Ok(serde_json::from_slice(&body)?)
    }

    async fn tell(&self, path: &str, what: &impl Serialize) -> anyhow::Result<()> {
        let body = serde_json::to_vec(what)?;
        let status = Wire::to(&self.url)?
            .post(path, &body, ("x-none", "-"))
            .await?;
        anyhow::ensure!(status < 300, "{path} answered {status}");
        Ok(())
    }

    /// Until so many have come, by what `count` looks at.
    async fn until(&self, wanted: usize, count: impl Fn(&Noted) -> usize) -> anyhow::Result<()> {
        let until = tokio::time::Instant::now() + PATIENCE;
        loop {
            let there = count(&self.noted(true).await?);
            if there >= wanted {
                return Ok(());
            }
            let late = tokio::time::Instant::now() > until;
            anyhow::ensure!(!late, "{there} of {wanted} came within {PATIENCE:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// A workload's own place.
struct Stage<'a> {
    shape: &'a Shape,
    folder: PathBuf,
    size: Size,
}

impl Stage<'_> {
    async fn house(&self, far: &Other, companies: usize) -> anyhow::Result<House> {
        House::build(self.shape.clone(), &self.folder, &far.url, companies).await
    }

    /// A house whose contacts all talk with a person.
    async fn talking(&self, far: &Other, companies: usize, talks: u32) -> anyhow::Result<House> {
        let mut house = self.house(far, companies).await?;
        house.open().await?;
        house.work().await?;
        far.until(companies, |it| usize::try_from(it.polls).unwrap_or(0))
            .await?;
        ask(&house.url, &house.lines, talks).await?;
        far.until(talks as usize, |it| it.talks).await?;
        Ok(house)
    }

    /// The database's own rate for the same rows.
    async fn commits(&self) -> anyhow::Result<BTreeMap<String, f64>> {
        let url = match self.shape {
            Shape::Production { database, .. } => database.clone(),
            Shape::Embedded => {
                let file = self.folder.join("primitive.db");
                format!("sqlite://{}?mode=rwc", file.display())
            }
        };
        let rows = self.size.webhooks as usize / 3;
        primitives::commits(&url, &[1, 20, 100], rows).await
    }

    async fn acknowledged(&self) -> anyhow::Result<Vec<Workload>> {
        let far = Other::start().await?;
        let mut house = self.house(&far, 1).await?;
        house.open().await?;
        let mut baseline = self.commits().await?;
        let bare = primitives::bare_server(&far.process, &far.url, self.size.webhooks / 3).await?;
        baseline.extend(bare);
        let capacity = Plan {
            connections: 64,
            talks: self.size.talks,
            webhooks: self.size.webhooks,
            per_second: None,
            skewed: false,
            mix: Mix::Webhooks,
        };
        let (mut full, rate) = self.webhooks(&house, "W1 capacity", &capacity, 11).await?;
        if let Some(rows) = baseline.get("durable rows per second, 20 in a commit") {
            full.ratio
                .insert("webhooks to rows, 20 in a commit".to_owned(), rate / rows);
        }
        full.baseline = baseline;
        // A count of webhooks a second fits.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let half = ((rate / 2.0) as u32).max(1);
        let paced = Plan {
            webhooks: (half * self.size.seconds).min(self.size.webhooks),
            per_second: Some(half),
            ..capacity
        };
        let (mut half, _) = self.webhooks(&house, "W1 at half", &paced, 12).await?;
        let before = house.look().await?;
        let count = self.size.webhooks / 10;
        let line = house.lines.first().context("no line")?;
        let refused = forged(&house.url, line, count).await?;
        let used = house.since(&before).await?;
        let each = micros(used.own_us) / f64::from(count);
        half.more.insert("forged: CPU µs".to_owned(), each);
        half.more
            .insert("forged: not refused".to_owned(), f64::from(count - refused));
        if let Some(statements) = used.statements {
            let asked = f64::from(u32::try_from(statements).unwrap_or(u32::MAX));
            half.more
                .insert("forged: statements in all".to_owned(), asked);
        }
        Ok(vec![full, half])
    }

    async fn webhooks(
        &self,
        house: &House,
        name: &str,
        plan: &Plan,
        seed: u64,
    ) -> anyhow::Result<(Workload, f64)> {
        let there = house.stored().await?;
        let before = house.look().await?;
        let sent = send(&house.url, &house.lines, plan, seed).await?;
        let used = house.since(&before).await?;
        anyhow::ensure!(sent.odd == 0, "{} webhooks were answered oddly", sent.odd);
        let (promised, fresh) = (sent.promised.count(), house.stored().await? - there);
        let stored = Verdict {
            sent: promised,
            delivered: promised.min(fresh),
            lost: promised.saturating_sub(fresh),
            duplicated: fresh.saturating_sub(promised),
            reordered: 0,
        };
        let count = sent.webhooks;
        let mut it = self.workload(name, house, (count, used), stored);
        let rate = number(count) / seconds(sent.span_us);
        it.per_second = rate;
        (it.p50_ms, it.p95_ms, it.p99_ms) = (
            sent.percentile(50.0),
            sent.percentile(95.0),
            sent.percentile(99.0),
        );
        Ok((it, rate))
    }

    async fn to_agents(&self) -> anyhow::Result<Vec<Workload>> {
        let far = Other::start().await?;
        let house = self.talking(&far, 1, self.size.talks).await?;
        let capacity = Plan {
            connections: 64,
            talks: self.size.talks,
            webhooks: self.size.webhooks / 2,
            per_second: None,
            skewed: false,
            mix: Mix::Messages,
        };
        let full = self.relayed(&house, &far, "W2 capacity", &capacity).await?;
        let paced = Plan {
            webhooks: self.size.paced * self.size.seconds,
            per_second: Some(self.size.paced),
            skewed: true,
            ..capacity
        };
        let paced = self.relayed(&house, &far, "W2 paced", &paced).await?;
        Ok(vec![full, paced])
    }

    /// Sends, waits until it has all arrived at the desk, and looks at both.
    async fn relayed(
        &self,
        house: &House,
        far: &Other,
        name: &str,
        plan: &Plan,
    ) -> anyhow::Result<Workload> {
        far.tell("/bench/clear", &()).await?;
        let before = house.look().await?;
        let sent = send(&house.url, &house.lines, plan, 21).await?;
        anyhow::ensure!(sent.odd == 0, "{} webhooks were answered oddly", sent.odd);
        far.until(sent.promised.count(), |it| it.at_desk.count())
            .await?;
        let used = house.since(&before).await?;
        let arrived = far.noted(false).await?.at_desk;
        let joined = verdict(&sent.promised, &arrived);
        let mut it = self.workload(name, house, (joined.sent, used), joined);
        timed(&mut it, &arrived, began(&sent));
        it.more
            .insert("acknowledged, p50 ms".to_owned(), sent.percentile(50.0));
        it.more
            .insert("acknowledged, p99 ms".to_owned(), sent.percentile(99.0));
        Ok(it)
    }

    async fn to_contacts(&self) -> anyhow::Result<Vec<Workload>> {
        let far = Other::start().await?;
        let companies = self.size.companies;
        let talks = u32::try_from(companies)?;
        let house = self.talking(&far, companies, talks).await?;
        let mut found = Vec::new();
        for (name, per_second) in [("W3 paced", self.size.paced), ("W3 capacity", 1_000_000)] {
            far.tell("/bench/clear", &()).await?;
            let before = house.look().await?;
            let messages = self.size.paced * self.size.seconds;
            let orders = Orders {
                per_second,
                messages,
                burst: 20,
                bytes: (200, 4_000),
            };
            far.tell("/bench/agents", &orders).await?;
            far.until(messages as usize, |it| it.at_line.count())
                .await?;
            let used = house.since(&before).await?;
            let noted = far.noted(false).await?;
            let joined = verdict(&noted.said, &noted.at_line);
            let mut it = self.workload(name, &house, (joined.sent, used), joined);
            let first = noted.said.span_us.map(|(first, _)| first);
            timed(&mut it, &noted.at_line, first);
            found.push(it);
        }
        Ok(found)
    }

    async fn backlog(&self) -> anyhow::Result<Vec<Workload>> {
        let far = Other::start().await?;
        let house = self.talking(&far, 1, self.size.talks).await?;
        far.tell("/bench/clear", &()).await?;
        let plan = Plan {
            connections: 64,
            talks: self.size.talks,
            webhooks: self.size.webhooks * 2,
            per_second: None,
            skewed: false,
            mix: Mix::Messages,
        };
        far.tell("/bench/down", &Down { down: true }).await?;
        let memory = house.resident_kb();
        let sent = send(&house.url, &house.lines, &plan, 51).await?;
        let before = house.look().await?;
        let recovered = super::now_us();
        far.tell("/bench/down", &Down { down: false }).await?;
        far.until(sent.promised.count(), |it| it.at_desk.count())
            .await?;
        let used = house.since(&before).await?;
        let arrived = far.noted(false).await?.at_desk;
        let joined = verdict(&sent.promised, &arrived);
        let mut it = self.workload("W5 drain", &house, (joined.sent, used), joined);
        timed(&mut it, &arrived, Some(recovered));
        let first = arrived
            .span_us
            .map_or(0, |(first, _)| first.saturating_sub(recovered));
        it.more.insert(
            "first delivery after recovery, ms".to_owned(),
            micros(first) / 1000.0,
        );
        it.more
            .insert("memory before, MB".to_owned(), megabytes(memory));
        it.more.insert(
            "acknowledged meanwhile, p99 ms".to_owned(),
            sent.percentile(99.0),
        );
        Ok(vec![it])
    }

    async fn idle(&self) -> anyhow::Result<Vec<Workload>> {
        let far = Other::start().await?;
        let mut found = Vec::new();
        let mut house = self.house(&far, self.size.listeners).await?;
        house.open().await?;
        let alone = house.resident_kb();
        let began = super::now_us();
        house.work().await?;
        let wanted = self.size.listeners;
        far.until(wanted, |it| usize::try_from(it.polls).unwrap_or(0))
            .await?;
        let live = super::now_us() - began;
        tokio::time::sleep(Duration::from_secs(5)).await;
        let before = house.look().await?;
        tokio::time::sleep(Duration::from_secs(self.size.idle_s)).await;
        let used = house.since(&before).await?;
        let noted = far.noted(true).await?;
        let mut it = self.workload(
            "W7 idle, W8 start",
            &house,
            (1, Used::default()),
            Verdict::default(),
        );
        let whole = house.resident_kb();
        let mut note = |name: &str, figure: f64| it.more.insert(name.to_owned(), figure);
        note("companies", number(wanted));
        note("until all are heard, s", seconds(live));
        note(
            "most subscriptions in a second",
            f64::from(u32::try_from(noted.most_began)?),
        );
        note("memory in all, MB", megabytes(whole));
        note("memory of the web alone, MB", megabytes(alone));
        note(
            "KB for a company",
            (megabytes(whole) - megabytes(alone)) * 1024.0 / number(wanted),
        );
        note(
            "share of a core",
            micros(used.cpu_us) / micros(used.wall_us),
        );
        note(
            "share of a core, own",
            micros(used.own_us) / micros(used.wall_us),
        );
        if let Some(statements) = used.statements {
            let asked = f64::from(u32::try_from(statements)?);
            note("statements a second", asked / seconds(used.wall_us));
        }
        found.push(it);
        Ok(found)
    }

    fn workload(
        &self,
        name: &str,
        house: &House,
        (count, used): (usize, Used),
        verdict: Verdict,
    ) -> Workload {
        let count = number(count).max(1.0);
        let each = |whole: u64| f64::from(u32::try_from(whole).unwrap_or(u32::MAX)) / count;
        Workload {
            name: name.to_owned(),
            shape: self.shape.name(),
            verdict,
            cpu_us_per_message_all_processes: micros(used.cpu_us) / count,
            cpu_us_per_message_own: micros(used.own_us) / count,
            rss_mb: megabytes(house.resident_kb()),
            commits_per_message: used.commits.map(each),
            round_trips_per_message: used.statements.map(each),
            ..Workload::default()
        }
    }
}

/// When sending began, by what was promised first.
fn began(sent: &Sent) -> Option<u64> {
    sent.promised.span_us.map(|(first, _)| first)
}

/// Rate and times of what arrived.
fn timed(it: &mut Workload, arrived: &Notes, began: Option<u64>) {
    if let (Some(began), Some((_, last))) = (began, arrived.span_us) {
        it.per_second = number(arrived.count()) / seconds(last.saturating_sub(began));
    }
    it.p50_ms = arrived.percentile(50.0);
    it.p95_ms = arrived.percentile(95.0);
    it.p99_ms = arrived.percentile(99.0);
}

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

fn megabytes(kilobytes: u64) -> f64 {
    f64::from(u32::try_from(kilobytes).unwrap_or(u32::MAX)) / 1024.0
}
