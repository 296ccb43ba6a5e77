//! A mail server of a few lines: takes mails, keeps them, and refuses recipients when told to.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// Recipients and the mail as it came.
type Taken = (Vec<String>, String);

#[derive(Default)]
struct Kept {
    taken: Vec<Taken>,
    recipients: Option<String>,
}

/// A mail server on loopback; ends with the test.
pub struct SmtpServer {
    port: u16,
    kept: Arc<Mutex<Kept>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock(kept: &Mutex<Kept>) -> MutexGuard<'_, Kept> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

impl SmtpServer {
    /// On a free port.
    ///
    /// # Panics
    /// When there is none.
    pub async fn start() -> Self {
        Self::start_at(0).await
    }

    /// On this port; for a server that comes back.
    ///
    /// # Panics
    /// When it is taken.
    #[allow(clippy::expect_used)]
    pub async fn start_at(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await;
        let listener = listener.expect("a port for the mail server");
        let port = listener.local_addr().expect("its address").port();
        let kept = Arc::new(Mutex::new(Kept::default()));
        let inside = kept.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let kept = inside.clone();
                tokio::spawn(async move {
                    // A client that goes away ends its conversation, not the server.
                    let _ = talk(stream, &kept).await;
                });
            }
        });
        Self { port, kept, task }
    }

    /// Its address, as `RELEVO_SMTP_URL` takes it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// Answers every recipient with this line, e.g. `451 later`; `None` takes them.
    pub fn answer_recipients(&self, line: Option<&str>) {
        lock(&self.kept).recipients = line.map(str::to_owned);
    }

    /// The mails taken so far, oldest first.
    #[must_use]
    pub fn taken(&self) -> Vec<Taken> {
        lock(&self.kept).taken.clone()
    }
}

async fn talk(stream: TcpStream, kept: &Mutex<Kept>) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut to = Vec::new();
    write.write_all(b"220 test\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let command = line.to_ascii_uppercase();
        let answer = if command.starts_with("EHLO") {
            "250-test\r\n250 8BITMIME\r\n".to_owned()
        } else if command.starts_with("MAIL") {
            to.clear();
            "250 ok\r\n".to_owned()
        } else if command.starts_with("RCPT") {
            let refusal = lock(kept).recipients.clone();
            if let Some(refusal) = refusal {
                format!("{refusal}\r\n")
            } else {
                let address = line.split(['<', '>']).nth(1).unwrap_or("");
                to.push(address.to_owned());
                "250 ok\r\n".to_owned()
            }
        } else if command.starts_with("DATA") {
            write.write_all(b"354 go on\r\n").await?;
            let mut words = String::new();
            while let Some(line) = lines.next_line().await? {
                if line == "." {
                    break;
                }
                words.push_str(line.strip_prefix('.').unwrap_or(&line));
                words.push('\n');
            }
            lock(kept).taken.push((to.clone(), words));
            "250 taken\r\n".to_owned()
        } else if command.starts_with("QUIT") {
            write.write_all(b"221 bye\r\n").await?;
            return Ok(());
        } else {
            "250 ok\r\n".to_owned()
        };
        write.write_all(answer.as_bytes()).await?;
    }
    Ok(())
}
