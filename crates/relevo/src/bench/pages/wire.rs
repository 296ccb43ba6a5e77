//! A browser as small as can be: one connection, one cookie, and every byte counted.

use anyhow::{Context as _, bail};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Longest time for one answer.
const PATIENCE: Duration = Duration::from_secs(120);

/// What came back.
pub(super) struct Answer {
    pub status: u16,
    head: String,
    /// As sent: compressed where the server compressed.
    pub body: Vec<u8>,
    /// Bytes on the wire, head and framing included.
    pub bytes: usize,
    /// From the request's last byte to the answer's first.
    pub first_byte: Duration,
}

impl Answer {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// The body, where it was not compressed.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A browser with a session.
pub(super) struct Browser {
    server: SocketAddr,
    cookie: Option<String>,
    line: Option<TcpStream>,
}

impl Browser {
    pub fn new(server: SocketAddr) -> Self {
        Self {
            server,
            cookie: None,
            line: None,
        }
    }

    /// `GET`; asks for a compressed answer or refuses one.
    pub async fn get(&mut self, path: &str, compressed: bool) -> anyhow::Result<Answer> {
        let wish = if compressed { "gzip, br" } else { "identity" };
        let head = format!("GET {path} HTTP/1.1\r\naccept-encoding: {wish}\r\n");
        self.ask(&head, "").await
    }

    /// Sends a form.
    pub async fn post(&mut self, path: &str, form: &str) -> anyhow::Result<Answer> {
        let head = format!(
            "POST {path} HTTP/1.1\r\norigin: http://{}\r\naccept-encoding: identity\r\n\
             content-type: application/x-www-form-urlencoded\r\n",
            self.server
        );
        self.ask(&head, form).await
    }

    /// The first piece of an answer that does not end, and when it came.
    pub async fn listen(&mut self, path: &str) -> anyhow::Result<Answer> {
        let mut line = TcpStream::connect(self.server).await?;
        let head = format!("GET {path} HTTP/1.1\r\naccept: text/event-stream\r\n");
        let request = self.request(&head, "");
        let began = Instant::now();
        line.write_all(request.as_bytes()).await?;
        let mut got = Vec::new();
        let read = read_head(&mut line, &mut got, began);
        let (head, end, _) = tokio::time::timeout(PATIENCE, read).await??;
        // The head alone tells nothing: the first event is what the page waits for.
        while got.len() == end {
            tokio::time::timeout(PATIENCE, more(&mut line, &mut got)).await??;
        }
        Ok(Answer {
            status: status(&head)?,
            head,
            body: got.split_off(end),
            bytes: end,
            first_byte: began.elapsed(),
        })
    }

    async fn ask(&mut self, head: &str, form: &str) -> anyhow::Result<Answer> {
        let request = self.request(head, form);
        let mut line = match self.line.take() {
            Some(line) => line,
            None => TcpStream::connect(self.server).await?,
        };
        line.set_nodelay(true)?;
        let began = Instant::now();
        line.write_all(request.as_bytes()).await?;
        let answer = tokio::time::timeout(PATIENCE, read_answer(&mut line, began))
            .await
            .context("no answer")??;
        if answer.header("connection") != Some("close") {
            self.line = Some(line);
        }
        if let Some(cookie) = answer.header("set-cookie") {
            self.cookie = cookie.split(';').next().map(str::to_owned);
        }
        Ok(answer)
    }

    fn request(&self, head: &str, form: &str) -> String {
        let cookie = match &self.cookie {
            Some(cookie) => format!("cookie: {cookie}\r\n"),
            None => String::new(),
        };
        format!(
            "{head}host: {}\r\naccept-language: es\r\nuser-agent: relevo-bench\r\n{cookie}\
             content-length: {}\r\n\r\n{form}",
            self.server,
            form.len()
        )
    }
}

async fn more(line: &mut TcpStream, got: &mut Vec<u8>) -> anyhow::Result<()> {
    if line.read_buf(got).await? == 0 {
        bail!("the server hung up");
    }
    Ok(())
}

/// The head, where it ends, and when its first byte came.
async fn read_head(
    line: &mut TcpStream,
    got: &mut Vec<u8>,
    began: Instant,
) -> anyhow::Result<(String, usize, Duration)> {
    let mut first = None;
    loop {
        more(line, got).await?;
        let came = *first.get_or_insert_with(|| began.elapsed());
        if let Some(end) = got.windows(4).position(|w| w == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&got[..end]).into_owned();
            return Ok((head, end + 4, came));
        }
    }
}

async fn read_answer(line: &mut TcpStream, began: Instant) -> anyhow::Result<Answer> {
    let mut got = Vec::with_capacity(64 * 1024);
    let (head, end, first_byte) = read_head(line, &mut got, began).await?;
    let mut answer = Answer {
        status: status(&head)?,
        head,
        body: Vec::new(),
        bytes: 0,
        first_byte,
    };
    let length = answer.header("content-length").and_then(|n| n.parse().ok());
    if answer.header("transfer-encoding") == Some("chunked") {
        let mut at = end;
        loop {
            let line_end = loop {
                match got[at..].windows(2).position(|w| w == b"\r\n") {
                    Some(found) => break at + found,
                    None => more(line, &mut got).await?,
                }
            };
            let size = std::str::from_utf8(&got[at..line_end])?;
            let size = usize::from_str_radix(size.trim(), 16).context("a chunk's size")?;
            let (from, to) = (line_end + 2, line_end + 2 + size);
            while got.len() < to + 2 {
                more(line, &mut got).await?;
            }
            answer.body.extend_from_slice(&got[from..to]);
            at = to + 2;
            if size == 0 {
                break;
            }
        }
    } else {
        let to = end + length.unwrap_or(0_usize);
        while got.len() < to {
            more(line, &mut got).await?;
        }
        answer.body = got[end..to].to_vec();
    }
    answer.bytes = got.len();
    Ok(answer)
}

fn status(head: &str) -> anyhow::Result<u16> {
    let word = head.split(' ').nth(1).context("no status line")?;
    word.parse().context("no status")
}
