//! The local file store on a real disk.

use adapters::files::LocalFiles;
use bytes::Bytes;
use domain::ids::{FileId, TenantId};
use domain::outbound::SendError;
use domain::ports::{FileStore, FileStoreError, MediaStream, NewFile};
use futures::StreamExt;
use std::path::Path;
use uuid::Uuid;

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

#[tokio::test]
async fn a_file_comes_back_as_it_was_put() {
    let dir = tempfile::tempdir().unwrap();
    let files = LocalFiles::new(dir.path());
    let mut file = new(1, 2, stream(vec![Ok(b"ho"), Ok(b"la")]));
    file.name = Some("../saludo.html".to_owned());
    let stored = files.put(file).await.unwrap();
    assert_eq!(stored.name, "saludo.txt");
    assert_eq!(stored.mime, "text/plain");
    assert_eq!(stored.size, 4);
    assert_eq!(stored.sha256, HOLA_HEX);
    let tenant = TenantId(Uuid::from_u128(1));
    assert_eq!(files.read(tenant, stored.id).await.unwrap(), "hola");
    assert_eq!(count(dir.path()), 1);
    // A second try of the same file replaces it.
    files
        .put(new(1, 2, stream(vec![Ok(b"hola")])))
        .await
        .unwrap();
    assert_eq!(count(dir.path()), 1);
    files.remove(tenant, stored.id).await.unwrap();
    files.remove(tenant, stored.id).await.unwrap();
    assert!(matches!(
        files.read(tenant, stored.id).await,
        Err(FileStoreError::NotFound)
    ));
}

#[tokio::test]
async fn a_file_of_another_tenant_does_not_exist() {
    let dir = tempfile::tempdir().unwrap();
    let files = LocalFiles::new(dir.path());
    let stored = files
        .put(new(1, 2, stream(vec![Ok(b"hola")])))
        .await
        .unwrap();
    let other = TenantId(Uuid::from_u128(9));
    let read = files.read(other, stored.id).await;
    assert!(matches!(read, Err(FileStoreError::NotFound)));
    files.remove(other, stored.id).await.unwrap();
    assert_eq!(count(dir.path()), 1);
}

#[tokio::test]
async fn a_told_hash_is_checked_in_hexadecimal_and_base64() {
    let dir = tempfile::tempdir().unwrap();
    let files = LocalFiles::new(dir.path());
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
    assert_eq!(count(dir.path()), 1);
}

#[tokio::test]
async fn nothing_is_kept_of_a_file_that_is_too_big_or_breaks_off() {
    let dir = tempfile::tempdir().unwrap();
    let files = LocalFiles::new(dir.path());
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
    assert_eq!(count(dir.path()), 0);
}

#[tokio::test]
async fn nothing_is_kept_of_a_file_whose_reader_gave_up() {
    let dir = tempfile::tempdir().unwrap();
    let files = LocalFiles::new(dir.path());
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
    assert_eq!(count(dir.path()), 0);
}

#[tokio::test]
async fn a_name_told_by_nobody_comes_from_the_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let files = LocalFiles::new(dir.path());
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
