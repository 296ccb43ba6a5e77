//! A tiny HTTP server that plays a script and remembers what it was asked.

use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What it does with the next request.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Status and JSON.
    Json(u16, String),
    /// Status, extra header lines, bytes.
    Raw(u16, String, Vec<u8>),
    /// Reads the whole request and hangs up.
    HangUp,
    /// Promises more bytes than it sends.
    CutShort,
}

pub fn json(status: u16, body: serde_json::Value) -> Reply {
    Reply::Json(status, body.to_string())
}

/// One request as it came.
#[derive(Clone, Debug)]
pub struct Asked {
    pub line: String,
    pub headers: String,
    pub body: Vec<u8>,
}

impl Asked {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn has_header(&self, line: &str) -> bool {
        self.headers.to_lowercase().contains(&line.to_lowercase())
    }
}

pub struct Server {
    pub base: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    /// Starts with a script; `{base}` in a reply becomes the server's own address. A request
    /// beyond the script is answered with 599.
    pub async fn start(script: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, address) = (asked.clone(), base.clone());
        tokio::spawn(async move {
            let mut script = script.into_iter();
            while let Ok((stream, _)) = listener.accept().await {
                let reply = |script: &mut std::vec::IntoIter<Reply>| {
                    script.next().unwrap_or(Reply::Json(599, "{}".into()))
                };
                serve(stream, &log, &address, &mut script, reply).await;
            }
        });
        Self { base, asked }
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

async fn serve(
    mut stream: TcpStream,
    log: &Mutex<Vec<Asked>>,
    base: &str,
    script: &mut std::vec::IntoIter<Reply>,
    next: impl Fn(&mut std::vec::IntoIter<Reply>) -> Reply,
) {
    let Some(asked) = read(&mut stream).await else {
        return;
    };
    log.lock().unwrap().push(asked);
    let (status, headers, body) = match next(script) {
        Reply::HangUp => return,
        Reply::CutShort => {
            let head = "HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"mess";
            let _ = stream.write_all(head.as_bytes()).await;
            return;
        }
        Reply::Json(status, body) => (
            status,
            "content-type: application/json\r\n".to_owned(),
            body.replace("{base}", base).into_bytes(),
        ),
        Reply::Raw(status, headers, body) => (status, headers, body),
    };
    let head = format!(
        "HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(head.as_bytes()).await;
    let _ = stream.write_all(&body).await;
    let _ = stream.shutdown().await;
}

async fn read(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    let mut buffer = [0_u8; 8192];
    let head_end = loop {
        let n = stream.read(&mut buffer).await.ok().filter(|n| *n > 0)?;
        bytes.extend_from_slice(&buffer[..n]);
        if let Some(at) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            break at;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..head_end]).into_owned();
    let length: usize = head
        .lines()
        .find_map(|l| {
            l.to_lowercase()
                .strip_prefix("content-length:")
                .map(str::to_owned)
        })
        .and_then(|n| n.trim().parse().ok())
        .unwrap_or(0);
    while bytes.len() < head_end + 4 + length {
        let n = stream.read(&mut buffer).await.ok().filter(|n| *n > 0)?;
        bytes.extend_from_slice(&buffer[..n]);
    }
    let (line, headers) = head.split_once("\r\n").unwrap_or((&head, ""));
    Some(Asked {
        line: line.to_owned(),
        headers: headers.to_owned(),
        body: bytes[head_end + 4..].to_vec(),
    })
}
