//! Opens pages as a browser does and notes what each of them cost.

use super::report::{Asset, Cost, Query};
use super::seed::{EMAIL, PASSWORD};
use super::told::Told;
use super::which::Page;
use super::wire::{Answer, Browser};
use anyhow::{Context as _, bail};
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use url::form_urlencoded::Serializer;

/// A page that takes long is not opened more often than fits into this.
const LONG: Duration = Duration::from_secs(20);

/// Opens every page `times` times, after logging in with the form.
///
/// # Errors
/// The server hangs up, or the login is refused.
pub async fn all(
    server: SocketAddr,
    pages: &[Page],
    told: &Told,
    times: usize,
) -> anyhow::Result<(Vec<Cost>, Vec<Asset>)> {
    let mut browser = Browser::new(server);
    log_in(&mut browser).await?;
    let mut assets = BTreeMap::new();
    let mut costs = Vec::new();
    for page in pages {
        tracing::info!(page = page.name, "measuring");
        let cost = if page.live {
            first_event(&mut browser, page, told, times).await
        } else {
            one(&mut browser, page, told, times, &mut assets).await
        };
        costs.push(cost.with_context(|| page.name)?);
    }
    Ok((costs, assets.into_values().collect()))
}

async fn log_in(browser: &mut Browser) -> anyhow::Result<()> {
    let form = browser.get("/login", false).await?.text();
    let (_, behind) = form
        .split_once("name=\"csrf\" value=\"")
        .context("the login form has no token")?;
    let token = behind.split('"').next().unwrap_or_default();
    let mut fields = Serializer::new(String::new());
    let fields = [("csrf", token), ("email", EMAIL), ("password", PASSWORD)]
        .iter()
        .fold(&mut fields, |all, (name, value)| {
            all.append_pair(name, value)
        });
    let answer = browser.post("/login", &fields.finish()).await?;
    if answer.status != 303 {
        bail!("the login was answered with {}", answer.status);
    }
    // The first page of a day prolongs the session; those after it do not.
    browser.get("/", true).await?;
    Ok(())
}

async fn one(
    browser: &mut Browser,
    page: &Page,
    told: &Told,
    times: usize,
    assets: &mut BTreeMap<String, Asset>,
) -> anyhow::Result<Cost> {
    let plain = browser.get(&page.path, false).await?;
    let mut first_visit = 0;
    for path in linked(&plain.text()) {
        if !assets.contains_key(&path) {
            let bytes = browser.get(&path, false).await?.bytes;
            let compressed = browser.get(&path, true).await?.bytes;
            let name = path.clone();
            assets.insert(
                path.clone(),
                Asset {
                    name,
                    bytes,
                    compressed,
                },
            );
        }
        first_visit += assets.get(&path).map_or(0, |a| a.compressed);
    }
    told.take();
    let mut samples = Samples::default();
    let began = Instant::now();
    let mut bytes = 0;
    for n in 0..=times {
        let answer = browser.get(&page.path, true).await?;
        bytes = answer.bytes;
        // The first finds nothing warm.
        if n > 0 {
            samples.add(&answer, told);
        } else {
            told.take();
        }
        if began.elapsed() > LONG && n >= 3 {
            break;
        }
    }
    Ok(samples.cost(
        page,
        plain.status,
        (plain.bytes, bytes, first_visit + bytes),
    ))
}

async fn first_event(
    browser: &mut Browser,
    page: &Page,
    told: &Told,
    times: usize,
) -> anyhow::Result<Cost> {
    let mut samples = Samples::default();
    let mut answer = browser.listen(&page.path).await?;
    for _ in 0..times.min(20) {
        told.take();
        answer = browser.listen(&page.path).await?;
        samples.add(&answer, told);
    }
    let bytes = answer.bytes + answer.body.len();
    Ok(samples.cost(page, answer.status, (bytes, bytes, bytes)))
}

/// Files that a page pulls in, each once.
fn linked(html: &str) -> BTreeSet<String> {
    let ends = |c: char| matches!(c, '"' | '\'' | '#' | ')' | '>') || c.is_whitespace();
    html.match_indices("/static/")
        .filter_map(|(at, _)| html.get(at..)?.split(ends).next())
        .map(|path| path.replace("&amp;", "&"))
        .collect()
}

/// What several openings of a page cost.
#[derive(Default)]
struct Samples {
    first_bytes: Vec<Duration>,
    statements: Vec<usize>,
    in_database: Vec<Duration>,
    queries: BTreeMap<String, Vec<Duration>>,
}

impl Samples {
    fn add(&mut self, answer: &Answer, told: &Told) {
        let asked = told.take();
        self.first_bytes.push(answer.first_byte);
        self.statements.push(asked.len());
        self.in_database.push(asked.iter().map(|a| a.took).sum());
        for one in asked {
            self.queries.entry(one.text).or_default().push(one.took);
        }
    }

    fn cost(mut self, page: &Page, status: u16, bytes: (usize, usize, usize)) -> Cost {
        self.statements.sort_unstable();
        let middle = self.statements.len() / 2;
        let queries = self.queries.into_iter().map(|(text, mut took)| Query {
            text: text.split_whitespace().collect::<Vec<_>>().join(" "),
            p50_ms: rank(&mut took, 50),
        });
        Cost {
            name: page.name,
            status,
            bytes: bytes.0,
            compressed: bytes.1,
            first_visit: bytes.2,
            statements: self.statements.get(middle).copied().unwrap_or(0),
            allowed: page.statements,
            sql_p50_ms: rank(&mut self.in_database, 50),
            first_byte_p50_ms: rank(&mut self.first_bytes, 50),
            first_byte_p99_ms: rank(&mut self.first_bytes, 99),
            samples: self.first_bytes.len(),
            queries: queries.collect(),
        }
    }
}

/// A percentile in milliseconds.
fn rank(all: &mut [Duration], percent: usize) -> f64 {
    all.sort_unstable();
    let at = (all.len() * percent).div_ceil(100).saturating_sub(1);
    let found = all.get(at).copied().unwrap_or_default();
    (found.as_secs_f64() * 100_000.0).round() / 100.0
}
