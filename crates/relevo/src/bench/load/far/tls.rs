//! TLS in front of the stream: PubNub is never spoken to without, and an idle subscription pays for it.

use anyhow::Context as _;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// Bytes that a connection is passed on in.
const PIECE: usize = 2 * 1024;
/// The kind of key that PubNub's host has.
const KEY: &str = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";

/// The certificate of an authority, with which a folder is filled: it signed one for `localhost`.
///
/// # Errors
/// `openssl` is not there, or refuses.
pub(super) fn papers(folder: &Path) -> anyhow::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join("names"), "subjectAltName=DNS:localhost")?;
    let lines = [
        format!("req -x509 {KEY} -keyout authority.key -out authority.pem -subj /CN=bench -days 2"),
        format!("req {KEY} -keyout leaf.key -out leaf.csr -subj /CN=localhost"),
        "x509 -req -in leaf.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 2 \
         -extfile names -out leaf.pem"
            .to_owned(),
    ];
    for line in lines {
        let mut openssl = Command::new("openssl");
        let done = openssl.args(line.split(' ')).current_dir(folder).output();
        let done = done.context("openssl is needed to make certificates (package openssl)")?;
        let said = String::from_utf8_lossy(&done.stderr);
        anyhow::ensure!(done.status.success(), "openssl {line}: {said}");
    }
    Ok(folder.join("authority.pem"))
}

/// Passes what comes over TLS on to the plain server, until it is dropped.
pub(super) async fn front(at: SocketAddr, folder: &Path, to: SocketAddr) -> anyhow::Result<()> {
    let chain = CertificateDer::from_pem_file(folder.join("leaf.pem"))?;
    let key = PrivateKeyDer::from_pem_file(folder.join("leaf.key"))?;
    let shown = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![chain], key)?;
    let acceptor = TlsAcceptor::from(Arc::new(shown));
    let listener = TcpListener::bind(at).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            // Whoever hangs up is told of by who misses it.
            let _ = pass(stream, &acceptor, to).await;
        });
    }
}

async fn pass(stream: TcpStream, acceptor: &TlsAcceptor, to: SocketAddr) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut open = acceptor.accept(stream).await?;
    let mut behind = TcpStream::connect(to).await?;
    behind.set_nodelay(true)?;
    tokio::io::copy_bidirectional_with_sizes(&mut open, &mut behind, PIECE, PIECE).await?;
    Ok(())
}
