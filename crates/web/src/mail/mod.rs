//! Mails to members: written in their language, sealed, and posted with the link they carry. The
//! worker hands them to the mail server (`worker::mails`).

mod letter;

pub use letter::Letter;

use crate::i18n::Lang;
use crate::pages::error::PageError;
use crate::state::AppState;
use adapters::store::{NewMail, NewToken, Purpose, TokenHash, mail_context};
use domain::ids::{MailId, MemberId, TenantId};
use domain::ports::Mail;
use domain::tenant::Member;
use domain::time::Timestamp;
use std::time::Duration;

/// What happens to mails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailMode {
    /// No mail server: nothing is written, and nothing may depend on a mail.
    Off,
    /// The demo: kept and shown under `/outbox`.
    Keep,
    /// The worker sends them.
    Send,
}

/// A link that travels by mail.
#[derive(Clone, Debug)]
pub struct Link<'a> {
    /// Owner.
    pub tenant: TenantId,
    /// Whom it is about; `None` for somebody who is no member yet.
    pub member: Option<MemberId>,
    /// What it is good for.
    pub purpose: Purpose,
    /// What its use needs to know.
    pub data: serde_json::Value,
    /// The page it opens, e.g. `/reset`: the link's secret is put behind it.
    pub page: &'a str,
    /// How long it is good.
    pub lasts: Duration,
}

/// How long a notice without a link is tried.
const NOTICE: Duration = Duration::from_secs(3 * 86_400);

/// Makes a link and posts the mail that carries it, both or neither. `letter` writes the mail
/// around the link's address, which is made of our own public address and nothing that came with
/// a request.
///
/// # Errors
/// The vault or the database does not answer.
pub async fn issue(
    app: &AppState,
    to: &str,
    link: Link<'_>,
    letter: impl FnOnce(String) -> Letter,
) -> Result<(), PageError> {
    let (raw, hash) = TokenHash::fresh()?;
    let expires_at = app.clock.now().after(link.lasts);
    let token = NewToken {
        hash,
        tenant: link.tenant,
        member: link.member,
        purpose: link.purpose,
        data: link.data,
        expires_at,
    };
    let letter = letter(app.address(&format!("{}/{}", link.page, raw.expose())));
    let mail = seal(app, link.tenant, to, &letter, expires_at).await?;
    Ok(app.store.token_issue(&token, mail.as_ref()).await?)
}

/// Tells a member something that happened; says nothing where no mail is sent.
///
/// # Errors
/// The vault or the database does not answer.
pub async fn notice(
    app: &AppState,
    member: &Member,
    to: &str,
    letter: &Letter,
) -> Result<(), PageError> {
    let until = app.clock.now().after(NOTICE);
    match seal(app, member.tenant, to, letter, until).await? {
        Some(mail) => Ok(app.store.mail_post(&mail).await?),
        None => Ok(()),
    }
}

/// Invites somebody who is no member yet; says nothing where no mail is sent.
///
/// # Errors
/// The vault or the database does not answer.
pub async fn invite(
    app: &AppState,
    tenant: TenantId,
    to: &str,
    letter: &Letter,
    until: Timestamp,
) -> Result<(), PageError> {
    match seal(app, tenant, to, letter, until).await? {
        Some(mail) => Ok(app.store.mail_post(&mail).await?),
        None => Ok(()),
    }
}

/// The language a member reads.
#[must_use]
pub fn language(member: &Member) -> Lang {
    Lang(member.language)
}

async fn seal(
    app: &AppState,
    tenant: TenantId,
    to: &str,
    letter: &Letter,
    expires_at: Timestamp,
) -> Result<Option<NewMail>, PageError> {
    if app.mail == MailMode::Off {
        return Ok(None);
    }
    let mail = Mail {
        to: to.to_owned(),
        subject: letter.subject.clone(),
        text: letter.text(),
        html: letter.html()?,
    };
    let id = MailId(app.ids.next());
    let plain = serde_json::to_vec(&mail).map_err(|e| PageError::Broken(e.to_string()))?;
    let body = app.vault.seal(mail_context(tenant, id), &plain).await;
    Ok(Some(NewMail {
        id,
        tenant,
        body: body.map_err(|e| PageError::Unavailable(e.to_string()))?,
        kept: app.mail == MailMode::Keep,
        expires_at,
    }))
}
