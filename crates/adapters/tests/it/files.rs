//! What every file store must do: on a real disk, and in a bucket of an independent S3 server.

use adapters::clock::SystemClock;
use adapters::files::{LocalFiles, S3Address, S3Files};
use bytes::Bytes;
use domain::ids::{FileId, TenantId};
use domain::outbound::SendError;
use domain::ports::{Clock, FileStore, FileStoreError, MediaStream, NewFile};
use domain::time::Timestamp;
use futures::StreamExt;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;
use testkit::S3Server;
use uuid::Uuid;

/// A file store and what it stands on.
struct Ground {
    files: Arc<dyn FileStore>,
    dir: TempDir,
    s3: Option<(S3Server, String)>,
}

impl Ground {
    fn local() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self {
            files: Arc::new(LocalFiles::new(dir.path())),
            dir,
            s3: None,
        }
    }

    async fn bucket() -> Self {
        let server = S3Server::start().unwrap();
        let bucket = format!("http://{}/archivos", server.host());
        // The server is the test's own.
        #[allow(clippy::disallowed_methods)]
        let http = reqwest::Client::new();
        let made = http.put(&bucket).send().await.unwrap();
        assert!(made.status().is_success(), "{made:?}");
        let address = format!(
            "s3://AKIA:a%2Fb%2Bc@{}/archivos/relevo?tls=off",
            server.host()
        );
        let address = S3Address::parse(&address).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let files = S3Files::new(address, http, Arc::new(SystemClock), dir.path());
        Self {
            files: Arc::new(files),
            dir,
            s3: Some((server, bucket)),
        }
    }

    /// How many files are kept, unfinished ones included.
    async fn count(&self) -> usize {
        let on_disk = count(self.dir.path());
        let Some((_, bucket)) = &self.s3 else {
            return on_disk;
        };
        let list = reqwest::get(format!("{bucket}?list-type=2")).await.unwrap();
        let list = list.text().await.unwrap();
        on_disk + list.matches("<Key>relevo/").count()
    }
}

macro_rules! contract {
    ($($(#[$meta:meta])* async fn $name:ident($ground:ident) $body:block)*) => {$(
        mod $name {
            use super::*;
            async fn story($ground: &Ground) $body
            #[tokio::test]
            async fn on_a_disk() { story(&Ground::local()).await }
            #[tokio::test]
            async fn in_a_bucket() { story(&Ground::bucket().await).await }
        }
    )*};
}

fn stream(pieces: Vec<Result<&'static [u8], SendError>>) -> MediaStream {
    let pieces = pieces.into_iter().map(|p| p.map(Bytes::from_static));
    MediaStream {
        mime: None,
        size: None,
        name: None,
        bytes: futures::stream::iter(pieces).boxed(),
    }
}

fn new(tenant: u128, id: u128, stream: MediaStream) -> NewFile {
    NewFile {
        tenant: TenantId(Uuid::from_u128(tenant)),
        id: FileId(Uuid::from_u128(id)),
        name: None,
        cap: 1000,
        sha256: None,
        stream,
    }
}

fn count(folder: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return 0;
    };
    entries
        .map(|entry| entry.unwrap().path())
        .map(|path| if path.is_dir() { count(&path) } else { 1 })
        .sum()
}

const HOLA_HEX: &str = "b221d9dbb083a7f33428d7c2a3c3198ae925614d70210e28716ccaa7cd4ddb79";
const HOLA_BASE64: &str = "siHZ27CDp/M0KNfCo8MZiuklYU1wIQ4ocWzKp81N23k=";

contract! {
async fn a_file_comes_back_as_it_was_put(ground) {
    let files = ground.files.clone();
    let mut file = new(1, 2, stream(vec![Ok(b"ho"), Ok(b"la")]));
    file.name = Some("../saludo.html".to_owned());
    let stored = files.put(file).await.unwrap();
    assert_eq!(stored.name, "saludo.txt");
    assert_eq!(stored.mime, "text/plain");
    assert_eq!(stored.size, 4);
    assert_eq!(stored.sha256, HOLA_HEX);
    let tenant = TenantId(Uuid::from_u128(1));
    assert_eq!(files.read(tenant, stored.id).await.unwrap(), "hola");
    assert_eq!(ground.count().await, 1);
    // A second try of the same file replaces it.
    files
        .put(new(1, 2, stream(vec![Ok(b"hola")])))
        .await
        .unwrap();
    assert_eq!(ground.count().await, 1);
    files.remove(tenant, stored.id).await.unwrap();
    files.remove(tenant, stored.id).await.unwrap();
    assert!(matches!(
        files.read(tenant, stored.id).await,
        Err(FileStoreError::NotFound)
    ));
}

async fn a_file_of_another_tenant_does_not_exist(ground) {
    let files = ground.files.clone();
    let stored = files
        .put(new(1, 2, stream(vec![Ok(b"hola")])))
        .await
        .unwrap();
    let other = TenantId(Uuid::from_u128(9));
    let read = files.read(other, stored.id).await;
    assert!(matches!(read, Err(FileStoreError::NotFound)));
    files.remove(other, stored.id).await.unwrap();
    assert_eq!(ground.count().await, 1);
}

async fn a_told_hash_is_checked_in_hexadecimal_and_base64(ground) {
    let files = ground.files.clone();
    let upper = HOLA_HEX.to_uppercase();
    for told in [
        HOLA_HEX,
        &upper,
        HOLA_BASE64,
        HOLA_BASE64.trim_end_matches('='),
        "",
    ] {
        let mut file = new(1, 2, stream(vec![Ok(b"hola")]));
        file.sha256 = Some(told.to_owned());
        assert!(files.put(file).await.is_ok(), "{told}");
    }
    for told in [&HOLA_HEX.replace('b', "c"), "bm8=", "!!"] {
        let mut file = new(1, 3, stream(vec![Ok(b"hola")]));
        file.sha256 = Some(told.to_owned());
        let put = files.put(file).await;
        assert!(matches!(put, Err(FileStoreError::Corrupt)), "{told}");
    }
    assert_eq!(ground.count().await, 1);
}

async fn nothing_is_kept_of_a_file_that_is_too_big_or_breaks_off(ground) {
    let files = ground.files.clone();
    let big = stream(vec![Ok(&[0; 600]), Ok(&[0; 600])]);
    let put = files.put(new(1, 2, big)).await;
    assert!(matches!(put, Err(FileStoreError::TooBig { cap: 1000 })));
    let mut told = stream(vec![Ok(b"hola")]);
    told.size = Some(1001);
    let put = files.put(new(1, 2, told)).await;
    assert!(matches!(put, Err(FileStoreError::TooBig { cap: 1000 })));
    let broken = stream(vec![Ok(b"ho"), Err(SendError::ambiguous("cortado"))]);
    let put = files.put(new(1, 2, broken)).await;
    assert!(matches!(put, Err(FileStoreError::Source(_))));
    assert_eq!(ground.count().await, 0);
}

async fn nothing_is_kept_of_a_file_whose_reader_gave_up(ground) {
    let files = ground.files.clone();
    let (begun, has_begun) = tokio::sync::oneshot::channel::<()>();
    let mut begun = Some(begun);
    let pieces = futures::stream::poll_fn(move |_| match begun.take() {
        Some(_) => std::task::Poll::Ready(Some(Ok(Bytes::from_static(b"ho")))),
        None => std::task::Poll::Pending,
    });
    let mut file = new(1, 2, stream(vec![]));
    file.stream.bytes = pieces.boxed();
    let task = tokio::spawn(async move { files.put(file).await.map(drop) });
    // The sender is dropped together with the first piece.
    assert!(has_begun.await.is_err());
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    assert_eq!(ground.count().await, 0);
}

async fn a_name_told_by_nobody_comes_from_the_bytes(ground) {
    let files = ground.files.clone();
    let mut voice = stream(vec![Ok(b"OggS\0\x02\0\0")]);
    voice.mime = Some("audio/ogg; codecs=opus".to_owned());
    let stored = files.put(new(1, 2, voice)).await.unwrap();
    assert_eq!(
        (stored.name.as_str(), stored.mime.as_str()),
        ("nota-de-voz.ogg", "audio/ogg")
    );
    let stored = files.put(new(1, 3, stream(vec![]))).await.unwrap();
    assert_eq!((stored.name.as_str(), stored.size), ("archivo.bin", 0));
}

async fn a_large_file_is_streamed_through(ground) {
    let files = ground.files.clone();
    let piece: &'static [u8] = &[7; 200_000];
    let mut file = new(1, 2, stream(vec![Ok(piece); 25]));
    file.cap = 10_000_000;
    let stored = files.put(file).await.unwrap();
    assert_eq!(stored.size, 5_000_000);
    let back = files.read(TenantId(Uuid::from_u128(1)), stored.id).await.unwrap();
    assert!(back.len() == 5_000_000 && back.iter().all(|byte| *byte == 7));
    assert_eq!(ground.count().await, 1);
}

async fn what_a_killed_process_left_unfinished_is_swept(ground) {
    let stored = ground.files.put(new(1, 2, stream(vec![Ok(b"hola")]))).await.unwrap();
    // As it lies there after a kill: the store's own folder is known by its files.
    let folder = ground.dir.path().join(if ground.s3.is_some() { "incoming" } else { "files" });
    std::fs::create_dir_all(folder.join("x")).unwrap();
    std::fs::write(folder.join("x/0001.77-0.part"), b"ho").unwrap();
    assert_eq!(ground.files.sweep(Timestamp(0)).await.unwrap(), 0, "it may still grow");
    let later = SystemClock.now().after(std::time::Duration::from_secs(60));
    assert_eq!(ground.files.sweep(later).await.unwrap(), 1);
    assert_eq!(ground.count().await, 1);
    let tenant = TenantId(Uuid::from_u128(1));
    assert_eq!(ground.files.read(tenant, stored.id).await.unwrap(), "hola");
    ground.files.ping().await.unwrap();
}
}

#[tokio::test]
async fn a_bucket_that_is_away_is_a_passing_failure_without_its_address() {
    let Ground {
        files,
        s3,
        dir: _dir,
    } = Ground::bucket().await;
    drop(s3);
    let Err(FileStoreError::Io(why)) = files.put(new(1, 2, stream(vec![Ok(b"hola")]))).await else {
        panic!("it was taken");
    };
    assert!(!why.contains("AKIA") && !why.contains("127.0.0.1"), "{why}");
    let read = files
        .read(TenantId(Uuid::from_u128(1)), FileId(Uuid::from_u128(2)))
        .await;
    assert!(matches!(read, Err(FileStoreError::Io(_))));
}
