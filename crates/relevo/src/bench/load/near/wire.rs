//! A connection that stays open and costs as little as can be.

use anyhow::{Context as _, bail};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Longest time for an answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// One connection.
pub(in super::super) struct Wire {
    server: SocketAddr,
    line: Option<TcpStream>,
    got: Vec<u8>,
}

impl Wire {
    /// To a server at `http://ADDRESS`.
    pub fn to(url: &str) -> anyhow::Result<Self> {
        let server = url.trim_start_matches("http://").parse()?;
        Ok(Self {
            server,
            line: None,
            got: Vec::with_capacity(1024),
        })
    }

    /// Sends a body with one more header; the status of the answer.
    pub async fn post(
        &mut self,
        path: &str,
        body: &[u8],
        (name, value): (&str, &str),
    ) -> anyhow::Result<u16> {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\n{name}: {value}\r\n\
             content-length: {}\r\n\r\n",
            self.server,
            body.len()
        );
        let mut request = head.into_bytes();
        request.extend_from_slice(body);
        let (status, _) = self.ask(&request).await?;
        Ok(status)
    }

    /// Asks for a document.
    pub async fn get(&mut self, path: &str) -> anyhow::Result<Vec<u8>> {
        let request = format!("GET {path} HTTP/1.1\r\nhost: {}\r\n\r\n", self.server);
        let (status, body) = self.ask(request.as_bytes()).await?;
        anyhow::ensure!(status == 200, "{path} answered {status}");
        Ok(body)
    }

    async fn ask(&mut self, request: &[u8]) -> anyhow::Result<(u16, Vec<u8>)> {
        let mut line = match self.line.take() {
            Some(line) => line,
            None => {
                let line = TcpStream::connect(self.server).await?;
                line.set_nodelay(true)?;
                line
            }
        };
        line.write_all(request).await?;
        let read = read(&mut line, &mut self.got);
        let answer = tokio::time::timeout(PATIENCE, read)
            .await
            .context("no answer")??;
        self.line = Some(line);
        Ok(answer)
    }
}

async fn read(line: &mut TcpStream, got: &mut Vec<u8>) -> anyhow::Result<(u16, Vec<u8>)> {
    got.clear();
    let end = loop {
        if line.read_buf(got).await? == 0 {
            bail!("the server hung up");
        }
        if let Some(end) = got.windows(4).position(|it| it == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let head = std::str::from_utf8(&got[..end])?;
    let status = head.split(' ').nth(1).context("no status")?.parse()?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse().ok())?
    });
    let whole = end + length.unwrap_or(0_usize);
    while got.len() < whole {
        if line.read_buf(got).await? == 0 {
            bail!("the server hung up");
        }
    }
    Ok((status, got[end..whole].to_vec()))
}
