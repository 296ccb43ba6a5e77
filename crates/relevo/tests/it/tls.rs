//! Certificates that prove nothing (F28): a bot behind TLS, in front of which somebody else stands.

use crate::house::{Flavour, House, Part};
use crate::ring::contact_of;
use crate::wait::soon;
use crate::world::World;
use domain::channel::ChannelKind;
use domain::outbound::Lane;
use sandbox::{Sandbox, SandboxPorts};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

const KIND: ChannelKind = ChannelKind::Telegram;

/// An authority, and what it (or somebody else) has signed.
pub struct Papers(TempDir);

impl Papers {
    pub fn new() -> Self {
        let papers = Self(TempDir::with_prefix("relevo-papers-").unwrap());
        for name in ["trusted", "unknown"] {
            papers.openssl(&format!(
                "req -x509 {KEY} -keyout {name}.key -out {name}.pem -subj /CN={name} -days 2"
            ));
        }
        papers
    }

    fn openssl(&self, line: &str) {
        let done = Command::new("openssl")
            .args(line.split(' '))
            .current_dir(self.0.path())
            .output()
            .expect("openssl is needed to make certificates (package openssl)");
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(done.status.success(), "openssl {line}: {said}");
    }

    pub fn at(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    /// A server that shows a certificate for `host`.
    pub fn signed(&self, by: &str, host: &str, days: i32) -> Arc<ServerConfig> {
        std::fs::write(self.at("names"), format!("subjectAltName=DNS:{host}")).unwrap();
        self.openssl(&format!(
            "req {KEY} -keyout leaf.key -out leaf.csr -subj /CN={host}"
        ));
        self.openssl(&format!(
            "x509 -req -in leaf.csr -CA {by}.pem -CAkey {by}.key -CAcreateserial -days {days} \
             -extfile names -out leaf.pem"
        ));
        let chain = CertificateDer::from_pem_file(self.at("leaf.pem")).unwrap();
        let key = PrivateKeyDer::from_pem_file(self.at("leaf.key")).unwrap();
        let server = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![chain], key);
        Arc::new(server.unwrap())
    }
}

const KEY: &str = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";

/// TLS in front of somebody; what it shows can be exchanged.
pub struct Front {
    pub address: SocketAddr,
    shows: Arc<Mutex<Arc<ServerConfig>>>,
    /// Connections that came, and those over which something was said.
    pub came: Arc<AtomicUsize>,
    spoke: Arc<AtomicUsize>,
}

impl Front {
    pub async fn open(of: SocketAddr, shows: Arc<ServerConfig>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let front = Self {
            address: listener.local_addr().unwrap(),
            shows: Arc::new(Mutex::new(shows)),
            came: Arc::default(),
            spoke: Arc::default(),
        };
        let (shows, came) = (front.shows.clone(), front.came.clone());
        let spoke = front.spoke.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                came.fetch_add(1, Ordering::SeqCst);
                let acceptor = TlsAcceptor::from(shows.lock().unwrap().clone());
                let spoke = spoke.clone();
                tokio::spawn(async move {
                    let mut proven = acceptor.accept(stream).await?;
                    spoke.fetch_add(1, Ordering::SeqCst);
                    let mut behind = TcpStream::connect(of).await?;
                    tokio::io::copy_bidirectional(&mut proven, &mut behind).await
                });
            }
        });
        front
    }
}

/// A world that trusts one authority, with its bot behind TLS at `localhost`.
async fn behind_tls(papers: &Papers, shows: Arc<ServerConfig>) -> (World, Front) {
    let sandbox = Sandbox::start(SandboxPorts::default()).await.unwrap();
    let mut house = House::build(Flavour::Embedded, &sandbox.urls).await;
    let trusted = |path: &Path| path.display().to_string();
    house.environment = vec![(
        "SSL_CERT_FILE".to_owned(),
        trusted(&papers.at("trusted.pem")),
    )];
    let world = World::inside(house, sandbox, &[KIND], |_| {}).await;
    let channels = world.parts.store.tenant(world.company.tenant).channels();
    let line = world.line(KIND).channel;
    let mut settings = channels.get(line).await.unwrap().settings;
    let mut url = url::Url::parse(settings.bot_url.as_deref().unwrap()).unwrap();
    let bot = SocketAddr::from(([127, 0, 0, 1], url.port().unwrap()));
    let front = Front::open(bot, shows).await;
    url.set_scheme("https").unwrap();
    url.set_host(Some("localhost")).unwrap();
    url.set_port(Some(front.address.port())).unwrap();
    settings.bot_url = Some(url.into());
    channels.save_settings(line, &settings).await.unwrap();
    // Open credentials and settings live in memory for two seconds; it must be the new ones.
    world.house.stop(Part::Web).await;
    world.house.start(Part::Web).await;
    world.listening().await;
    (world, front)
}

async fn is_refused(world: &World, front: &Front, papers: &Papers) {
    let phone = world.phone(KIND, contact_of(KIND));
    phone.says("¿cuál es el horario?");
    // It is tried, and tried again.
    let tried = || (front.came.load(Ordering::SeqCst) >= 2).then_some(());
    soon("second try", tried, || world.house.log(Part::Web)).await;
    assert_eq!(front.spoke.load(Ordering::SeqCst), 0, "something was said");
    // The doctor's words, and the reason in them.
    let checks = world.parts.store.tenant(world.company.tenant).checks();
    let stuck = checks.stuck_on(world.line(KIND).channel).await.unwrap();
    let bot = stuck.iter().find(|it| it.lane == Lane::Bot && !it.given_up);
    let why = bot.and_then(|it| it.error.clone()).unwrap_or_default();
    assert!(why.contains("certificate"), "{stuck:#?}");
    // As soon as the right one answers, what waited goes.
    *front.shows.lock().unwrap() = papers.signed("trusted", "localhost", 1);
    let spoken = || (front.spoke.load(Ordering::SeqCst) >= 1).then_some(());
    soon("proven connection", spoken, || world.house.log(Part::Web)).await;
    phone.sees("Abrimos de lunes a viernes").await;
    world.balances().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f28_a_certificate_of_an_unknown_authority_is_refused_and_the_message_waits() {
    let papers = Papers::new();
    let shows = papers.signed("unknown", "localhost", 1);
    let (world, front) = behind_tls(&papers, shows).await;
    is_refused(&world, &front, &papers).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f28_a_certificate_of_another_host_or_out_of_date_is_refused_and_the_message_waits() {
    let papers = Papers::new();
    let shows = papers.signed("trusted", "other.test", 1);
    let (world, front) = behind_tls(&papers, shows).await;
    is_refused(&world, &front, &papers).await;
    // One that was right once. The connection that stands proves nothing anew: it is ended.
    *front.shows.lock().unwrap() = papers.signed("trusted", "localhost", -1);
    world.house.stop(Part::Web).await;
    world.house.start(Part::Web).await;
    world.listening().await;
    front.came.store(0, Ordering::SeqCst);
    front.spoke.store(0, Ordering::SeqCst);
    is_refused(&world, &front, &papers).await;
}
