//! Mails over SMTP.

use async_trait::async_trait;
use domain::ids::MailId;
use domain::ports::{Mail, MailError, Mailer};
use domain::secret::Secret;
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::{AsyncSmtpTransportBuilder, Error as SmtpError};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use std::net::IpAddr;
use std::time::Duration;
use url::Url;

/// A server that does not answer within this is tried again later.
const PATIENCE: Duration = Duration::from_secs(20);

/// Sends through one mail server.
pub struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    domain: String,
}

/// Why a mail server cannot be used. The words hold no password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SmtpSetupError {
    /// The address of the server has no shape.
    #[error("this is not the address of a mail server")]
    Server,
    /// The sender's address has no shape.
    #[error("this is not a sender: write Name <address@host>")]
    Sender,
}

impl SmtpMailer {
    /// `smtps://user:password@host:465` speaks TLS from the first byte, `smtp://…` begins plain
    /// and goes over to TLS: it must when a password is sent, and when `?tls=required` says so.
    /// Only a server on this machine is spoken to in plain. `from` is `Name <address@host>`. Must
    /// be called on a runtime, which keeps connections open.
    ///
    /// # Errors
    /// [`SmtpSetupError`].
    pub fn new(server: &Secret, from: &str) -> Result<Self, SmtpSetupError> {
        let (builder, from) = read(server, from)?;
        let transport = builder.timeout(Some(PATIENCE)).build();
        let domain = from.email.domain().to_owned();
        Ok(Self {
            transport,
            from,
            domain,
        })
    }

    /// Whether both can be read; needs no runtime.
    ///
    /// # Errors
    /// [`SmtpSetupError`].
    pub fn check(server: &Secret, from: &str) -> Result<(), SmtpSetupError> {
        read(server, from).map(|_| ())
    }

    /// Whether the server answers, over TLS and with the password where they are asked for.
    ///
    /// # Errors
    /// As for a mail.
    pub async fn greet(&self) -> Result<(), MailError> {
        match self.transport.test_connection().await {
            Ok(true) => Ok(()),
            Ok(false) => Err(MailError::Transient("the server hung up".to_owned())),
            Err(error) => Err(judge(&error)),
        }
    }

    fn message(&self, id: MailId, mail: &Mail) -> Result<Message, MailError> {
        // The library's words may repeat the address.
        let shape = |what: &str| MailError::Refused(format!("the {what} has no shape"));
        let to = mail.to.parse().map_err(|_| shape("recipient"))?;
        let subject: String = mail
            .subject
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(subject)
            .message_id(Some(format!("<{}@{}>", id.0.simple(), self.domain)))
            .multipart(MultiPart::alternative_plain_html(
                mail.text.clone(),
                mail.html.clone(),
            ))
            .map_err(|_| shape("mail"))
    }
}

fn read(
    server: &Secret,
    from: &str,
) -> Result<(AsyncSmtpTransportBuilder, Mailbox), SmtpSetupError> {
    let url = with_tls(server.expose())?;
    let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.as_str());
    let builder = builder.map_err(|_| SmtpSetupError::Server)?;
    let from = from.parse().map_err(|_| SmtpSetupError::Sender)?;
    Ok((builder, from))
}

/// Says how TLS is used where the address does not.
fn with_tls(server: &str) -> Result<Url, SmtpSetupError> {
    let mut url = Url::parse(server).map_err(|_| SmtpSetupError::Server)?;
    // An address in numbers is a mere name to the parser outside of the web's own schemes.
    let host = url.host_str().ok_or(SmtpSetupError::Server)?;
    let number: Result<IpAddr, _> = host.trim_matches(['[', ']']).parse();
    let here = number.map_or(host == "localhost", |ip| ip.is_loopback());
    let said = url.query_pairs().any(|(name, _)| name == "tls");
    if url.scheme() == "smtp" && !here && !said {
        let tls = if url.password().is_some() {
            "required"
        } else {
            "opportunistic"
        };
        url.query_pairs_mut().append_pair("tls", tls);
    }
    Ok(url)
}

/// Only a refusal of this mail is final. What is wrong with us as a sender (530, 535 and their
/// kin) can be put right in the settings, and mails must not be lost until then.
fn judge(error: &SmtpError) -> MailError {
    let Some(status) = error.status() else {
        let what = match error {
            e if e.is_tls() => "TLS",
            e if e.is_timeout() => "no answer in time",
            _ => "the server cannot be reached",
        };
        return MailError::Transient(what.to_owned());
    };
    let code = u16::from(status);
    match code {
        501 | 550 | 551 | 552 | 553 | 554 | 556 => MailError::Refused(code.to_string()),
        _ => MailError::Transient(code.to_string()),
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, id: MailId, mail: &Mail) -> Result<(), MailError> {
        let message = self.message(id, mail)?;
        let sent = self.transport.send(message).await;
        sent.map(|_| ()).map_err(|error| judge(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::with_tls;

    #[test]
    fn a_password_leaves_this_machine_only_under_tls() {
        let tls = |server: &str| with_tls(server).unwrap().query().map(str::to_owned);
        assert_eq!(tls("smtp://u:p@mail.test").as_deref(), Some("tls=required"));
        assert_eq!(
            tls("smtp://mail.test").as_deref(),
            Some("tls=opportunistic")
        );
        assert_eq!(tls("smtp://u:p@127.0.0.1:2525"), None);
        assert_eq!(tls("smtps://u:p@mail.test"), None);
        assert!(with_tls("mail.test").is_err());
    }
}
