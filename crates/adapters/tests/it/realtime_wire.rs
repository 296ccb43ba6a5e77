//! Polls on connections of their own: what the other side may do with one.

use adapters::desk::realtime::Realtime;
use domain::desk::{DeskAccount, DeskCredentials, DeskSettings};
use domain::ids::TenantId;
use domain::ports::{Cursor, DeskEvents, PollFailure, Subscription};
use domain::secret::Secret;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use uuid::Uuid;

/// An answer with this cursor.
fn answer(cursor: u64) -> String {
    let body = format!(r#"{{"t":{{"t":"{cursor}","r":7}},"m":[]}}"#);
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}")
}

/// Reads one request; its first line. `None` at the end of the connection.
async fn request(socket: &mut TcpStream) -> Option<String> {
    let mut read = Vec::new();
    while !read.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        match socket.read(&mut byte).await {
            Ok(1) => read.extend(byte),
            _ => return None,
        }
    }
    let text = String::from_utf8(read).unwrap();
    text.lines().next().map(str::to_owned)
}

/// A subscription to an origin which answers the polls of each connection with these texts, in pieces of so
/// many bytes, and then ends it. Besides, what was asked, with the number of its connection.
async fn subscribed(
    connections: Vec<Vec<String>>,
    piece: usize,
) -> (
    Box<dyn Subscription>,
    mpsc::UnboundedReceiver<(usize, String)>,
) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let (asked, asks) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        for (number, answers) in connections.into_iter().enumerate() {
            let (mut socket, _) = listener.accept().await.unwrap();
            socket.set_nodelay(true).unwrap();
            for answer in answers {
                let Some(line) = request(&mut socket).await else {
                    break;
                };
                asked.send((number, line)).unwrap();
                for piece in answer.as_bytes().chunks(piece) {
                    socket.write_all(piece).await.unwrap();
                    tokio::task::yield_now().await;
                }
            }
        }
    });
    let account = DeskAccount {
        tenant: TenantId(Uuid::from_u128(1)),
        credentials: DeskCredentials {
            consumer_key: Secret::new("consumer"),
            consumer_token: Secret::new("token"),
            agent_key: Secret::new("agent"),
            subscribe_key: Secret::new("sub-c-1"),
            publish_key: Secret::new("pub-c-1"),
        },
        settings: DeskSettings {
            base_url: origin.clone(),
            organization_id: 1,
            agent_user_id: 5207,
            inquiry_id: None,
            group_id: None,
            extra_channels: Vec::new(),
            extra_groups: Vec::new(),
        },
    };
    let from = Cursor {
        timetoken: 1,
        region: None,
    };
    let realtime = Realtime::new(&origin).unwrap();
    (realtime.subscribe(&account, from, false).unwrap(), asks)
}

#[tokio::test]
async fn polls_follow_each_other_on_one_connection_until_it_ends() {
    let connections = vec![
        vec![answer(2), answer(3)],
        vec![answer(4).replace("content-length", "connection: close\r\ncontent-length")],
        vec![answer(5)],
    ];
    let (mut stream, mut asks) = subscribed(connections, usize::MAX).await;
    for (number, after, cursor) in [(0, 1, 2), (0, 2, 3), (1, 3, 4), (2, 4, 5)] {
        let batch = stream.next().await.unwrap();
        assert_eq!(batch.cursor.timetoken, cursor);
        let (connection, line) = asks.recv().await.unwrap();
        assert_eq!(connection, number, "{line}");
        assert!(line.contains(&format!("tt={after}")), "{line}");
        assert!(line.starts_with("GET /v2/subscribe/sub-c-1/"), "{line}");
    }
}

#[tokio::test]
async fn an_answer_in_crumbs_is_whole() {
    let body = r#"{"t":{"t":"9","r":7},"m":[]}"#;
    let (start, rest) = body.split_at(11);
    let chunked = format!(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{start}\r\n{:x}\r\n{rest}\r\n0\r\n\r\n",
        start.len(),
        rest.len()
    );
    let (mut stream, _asks) = subscribed(vec![vec![chunked, answer(10)]], 1).await;
    assert_eq!(stream.next().await.unwrap().cursor.timetoken, 9);
    assert_eq!(stream.next().await.unwrap().cursor.timetoken, 10);
}

#[tokio::test]
async fn a_connection_that_ends_within_an_answer_fails_the_poll_and_no_more() {
    let whole = answer(2);
    let cut = whole[..whole.len() - 3].to_owned();
    let connections = vec![vec![cut], vec![answer(3)]];
    let (mut stream, mut asks) = subscribed(connections, usize::MAX).await;
    let error = stream.next().await.unwrap_err();
    assert_eq!(error.failure, PollFailure::Down);
    assert_eq!(error.detail, "se perdió la conexión");
    assert_eq!(stream.next().await.unwrap().cursor.timetoken, 3);
    let asked = [asks.recv().await.unwrap(), asks.recv().await.unwrap()];
    assert!(
        asked.iter().all(|(_, line)| line.contains("tt=1")),
        "{asked:?}"
    );
}

#[tokio::test]
async fn what_is_no_http_fails_the_poll() {
    let odd = "SSH-2.0-OpenSSH_9.2\r\n\r\n".to_owned();
    let (mut stream, _asks) = subscribed(vec![vec![odd], vec![answer(2)]], usize::MAX).await;
    let error = stream.next().await.unwrap_err();
    assert_eq!(error.failure, PollFailure::Down);
    assert_eq!(stream.next().await.unwrap().cursor.timetoken, 2);
}
