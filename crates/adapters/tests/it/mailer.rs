//! Mails handed to a real, if small, mail server.

use adapters::mailer::SmtpMailer;
use domain::ids::MailId;
use domain::ports::{Mail, MailError, Mailer};
use domain::secret::Secret;
use testkit::SmtpServer;
use uuid::Uuid;

fn mail(to: &str) -> Mail {
    Mail {
        to: to.to_owned(),
        subject: "Confirma tu correo\r\nBcc: otra@norte.test".to_owned(),
        text: "Hola, señora:\n\nhttps://relevo.test/confirm/abc\n".to_owned(),
        html: "<p>Hola, señora</p>".to_owned(),
    }
}

fn mailer(server: &SmtpServer) -> SmtpMailer {
    SmtpMailer::new(&Secret::new(server.url()), "Relevo <no-reply@relevo.test>").unwrap()
}

#[tokio::test]
async fn a_mail_arrives_as_text_and_as_html_with_an_id_that_stays() {
    let server = SmtpServer::start().await;
    let id = MailId(Uuid::from_u128(7));
    let mailer = mailer(&server);
    mailer.send(id, &mail("ana@norte.test")).await.unwrap();
    mailer.send(id, &mail("ana@norte.test")).await.unwrap();
    let taken = server.taken();
    assert_eq!(taken.len(), 2);
    let (to, words) = &taken[0];
    assert_eq!(to, &["ana@norte.test"], "no header can be smuggled in");
    assert!(words.contains("multipart/alternative"), "{words}");
    assert!(words.contains("text/plain") && words.contains("text/html"));
    assert!(words.contains(&format!("Message-ID: <{}@relevo.test>", id.0.simple())));
    assert!(!words.lines().any(|l| l.starts_with("Bcc:")), "{words}");
}

#[tokio::test]
async fn a_server_that_is_busy_away_or_wants_another_password_is_tried_again() {
    let server = SmtpServer::start().await;
    let mailer = mailer(&server);
    for answer in ["451 later", "421 closing", "530 log in first", "452 full"] {
        server.answer_recipients(Some(answer));
        let refused = mailer
            .send(MailId(Uuid::nil()), &mail("ana@norte.test"))
            .await;
        assert!(
            matches!(refused, Err(MailError::Transient(_))),
            "{answer}: {refused:?}"
        );
    }
    let nobody = format!("smtp://127.0.0.1:{}", testkit::free_port());
    let away = SmtpMailer::new(&Secret::new(nobody), "a@relevo.test").unwrap();
    let refused = away
        .send(MailId(Uuid::nil()), &mail("ana@norte.test"))
        .await;
    assert!(
        matches!(refused, Err(MailError::Transient(_))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn an_unknown_recipient_is_final_and_not_repeated_in_the_error() {
    let server = SmtpServer::start().await;
    server.answer_recipients(Some("550 no such user ana@norte.test"));
    let refused = mailer(&server)
        .send(MailId(Uuid::nil()), &mail("ana@norte.test"))
        .await;
    assert_eq!(refused, Err(MailError::Refused("550".to_owned())));
    let shapeless = mailer(&server)
        .send(MailId(Uuid::nil()), &mail("nobody"))
        .await;
    assert!(matches!(shapeless, Err(MailError::Refused(_))));
}
