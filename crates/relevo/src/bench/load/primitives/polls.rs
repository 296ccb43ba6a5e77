//! Long polls held by nothing but a connection each.

use super::Found;
use crate::bench::load::far::{OWN_AGENT, Remote, agent_key, subscribe_key};
use crate::bench::load::house::{Process, cpu};
use crate::bench::load::now_us;
use crate::bench::load::number::{of_count, of_u64};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Organizations that nobody else listens for.
const FIRST: usize = 50_000_000;

/// Memory of one bare long poll in a process that holds nothing else.
pub(in super::super) async fn idle_polls(far: &Remote, polls: usize) -> anyhow::Result<Found> {
    let few = resident_with(far, 1).await?;
    let many = resident_with(far, polls + 1).await?;
    let each = of_u64(many.saturating_sub(few)) / of_count(polls.max(1));
    Ok(Found::from([("a bare long poll, KB".to_owned(), each)]))
}

async fn resident_with(far: &Remote, polls: usize) -> anyhow::Result<u64> {
    let others = far.noted(true).await?.polls;
    let count = polls.to_string();
    let process = Process::spawn(
        &["bench", "hold", "--at", &far.url, "--polls", &count],
        None,
    )?;
    far.until("bare polls are held", others + polls, |it| it.polls)
        .await?;
    Ok(cpu::resident_kb(process.pid()))
}

/// Holds long polls until it is killed or whoever started it is gone.
///
/// # Errors
/// A connection broke.
pub async fn hold(url: &str, polls: usize) -> anyhow::Result<()> {
    let server = url.trim_start_matches("http://").to_owned();
    let mut lines = Vec::with_capacity(polls);
    for n in 0..polls {
        let organization = i64::try_from(FIRST + n)?;
        let (key, auth) = (subscribe_key(organization), agent_key(organization));
        let (user, now) = (format!("user-{OWN_AGENT}"), now_us() * 10);
        let request = format!(
            "GET /v2/subscribe/{key}/{user}-channel,presence.{user}/0?tt={now}&uuid={user}&auth={auth}\
             &channel-group={user}-channel HTTP/1.1\r\nhost: {server}\r\n\r\n"
        );
        let mut line = TcpStream::connect(&server).await?;
        line.write_all(request.as_bytes()).await?;
        lines.push(tokio::spawn(async move {
            let mut got = [0_u8; 16];
            line.read(&mut got).await
        }));
    }
    let parent = tokio::task::spawn_blocking(|| {
        // Nothing ever comes: it ends when the other end is closed.
        std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink())
    });
    parent.await??;
    Ok(())
}
