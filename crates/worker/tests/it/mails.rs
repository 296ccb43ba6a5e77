//! Mails on their way to a real mail server that goes away and comes back.

use adapters::clock::UuidV7;
use adapters::mailer::SmtpMailer;
use adapters::store::{DatabaseSettings, NewMail, NewTenant, PasswordHash, Store, mail_context};
use adapters::vault::{EnvelopeVault, MasterKeys, MemoryDataKeys};
use domain::ids::{MailId, TenantId};
use domain::ports::{Clock, Mail, Vault};
use domain::secret::Secret;
use domain::tenant::Language;
use std::sync::Arc;
use std::time::Duration;
use testkit::{FakeClock, SmtpServer, free_port, until};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use worker::Mails;

struct Post {
    store: Store,
    vault: Arc<dyn Vault>,
    clock: Arc<FakeClock>,
    tenant: TenantId,
    cancel: CancellationToken,
    _folder: tempfile::TempDir,
}

impl Drop for Post {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

impl Post {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(FakeClock::default());
        let url = format!("sqlite://{}", folder.path().join("relevo.db").display());
        let settings = DatabaseSettings::at(url);
        let store = Store::connect(&settings, clock.clone(), Arc::new(UuidV7));
        let store = store.await.unwrap();
        store.migrate().await.unwrap();
        let masters = MasterKeys::parse(&format!("k1:{}", "A".repeat(43) + "=")).unwrap();
        let keys = Arc::new(MemoryDataKeys::default());
        let vault: Arc<dyn Vault> = Arc::new(EnvelopeVault::new(Arc::new(masters), keys));
        let member = store.sign_up(NewTenant {
            company: "Norte".to_owned(),
            name: "Ana".to_owned(),
            email: "ana@norte.test".to_owned(),
            password_hash: PasswordHash("hash".to_owned()),
            language: Language::Es,
            time_zone: "UTC".to_owned(),
        });
        let tenant = member.await.unwrap().tenant;
        vault.prepare(tenant).await.unwrap();
        Self {
            store,
            vault,
            clock,
            tenant,
            cancel: CancellationToken::new(),
            _folder: folder,
        }
    }

    async fn post(&self, lasts: Duration) {
        let id = MailId(Uuid::now_v7());
        let mail = Mail {
            to: "ana@norte.test".to_owned(),
            subject: "Hola".to_owned(),
            text: "Hola".to_owned(),
            html: "<p>Hola</p>".to_owned(),
        };
        let plain = serde_json::to_vec(&mail).unwrap();
        let context = mail_context(self.tenant, id);
        let new = NewMail {
            id,
            tenant: self.tenant,
            body: self.vault.seal(context, &plain).await.unwrap(),
            kept: false,
            expires_at: self.clock.now().after(lasts),
        };
        self.store.mail_post(&new).await.unwrap();
    }

    fn work(&self, server: &str) {
        let mailer = SmtpMailer::new(&Secret::new(server), "Relevo <no-reply@relevo.test>");
        let mails = Mails {
            store: self.store.clone(),
            vault: self.vault.clone(),
            clock: self.clock.clone(),
            mailer: Arc::new(mailer.unwrap()),
        };
        tokio::spawn(mails.run(self.cancel.clone()));
    }

    async fn waiting(&self) -> u64 {
        self.store.mails_waiting().await.unwrap().0
    }
}

const PATIENCE: Duration = Duration::from_secs(30);
const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_outlives_a_mail_server_that_is_away() {
    let post = Post::open().await;
    let port = free_port();
    post.post(DAY).await;
    post.work(&format!("smtp://127.0.0.1:{port}"));
    until(PATIENCE, || async {
        let due = post.store.mails_claim(1, Duration::ZERO).await.unwrap();
        due.is_empty() && post.waiting().await == 1
    })
    .await;
    let server = SmtpServer::start_at(port).await;
    post.clock.advance(Duration::from_secs(900));
    until(PATIENCE, || async { !server.taken().is_empty() }).await;
    until(PATIENCE, || async { post.waiting().await == 0 }).await;
    assert_eq!(server.taken().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_whose_link_has_ended_is_not_sent_any_more() {
    let post = Post::open().await;
    let server = SmtpServer::start().await;
    post.post(Duration::from_secs(60)).await;
    post.clock.advance(Duration::from_secs(60));
    post.work(&server.url());
    until(PATIENCE, || async { post.waiting().await == 0 }).await;
    assert!(server.taken().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_recipient_does_not_hold_up_the_others() {
    let post = Post::open().await;
    let server = SmtpServer::start().await;
    server.answer_recipients(Some("550 unknown"));
    post.post(DAY).await;
    post.work(&server.url());
    until(PATIENCE, || async { post.waiting().await == 0 }).await;
    server.answer_recipients(None);
    post.post(DAY).await;
    until(PATIENCE, || async { server.taken().len() == 1 }).await;
}
