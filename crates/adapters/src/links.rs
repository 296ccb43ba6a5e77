//! The signed addresses that agents open from Let's Talk: a conversation's history and its files.

use crate::signed_link::{LinkError, SignedClaims, SignedLinks};
use domain::ids::{ConversationId, FileId, TenantId};
use domain::time::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// What these links are signed for.
const PURPOSE: &str = "history";

/// How long a link in Let's Talk opens: longer than a case lasts, shorter than for ever.
const VALID: Duration = Duration::from_secs(30 * 86_400);

/// What a history link opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryLink {
    /// Owner.
    pub tenant: TenantId,
    /// The thread.
    pub conversation: ConversationId,
    /// Until when.
    pub expires_at: Timestamp,
}

/// Makes and opens signed addresses.
#[derive(Clone)]
pub struct Links {
    signer: Arc<SignedLinks>,
    public_url: Arc<str>,
}

impl Links {
    /// Under the public address of this deployment.
    #[must_use]
    pub fn new(signer: Arc<SignedLinks>, public_url: &str) -> Self {
        Self {
            signer,
            public_url: public_url.trim_end_matches('/').into(),
        }
    }

    /// The address of a conversation's whole history.
    #[must_use]
    pub fn history(
        &self,
        tenant: TenantId,
        conversation: ConversationId,
        now: Timestamp,
    ) -> String {
        let expires = now.after(VALID);
        let claims = SignedClaims {
            tenant,
            subject: conversation.to_string(),
            expires,
        };
        format!(
            "{}/history/{}",
            self.public_url,
            self.signer.sign(PURPOSE, &claims)
        )
    }

    /// The address of a file of a conversation.
    #[must_use]
    pub fn file(
        &self,
        tenant: TenantId,
        conversation: ConversationId,
        file: FileId,
        now: Timestamp,
    ) -> String {
        format!("{}/files/{file}", self.history(tenant, conversation, now))
    }

    /// What a history token opens.
    ///
    /// # Errors
    /// [`LinkError`].
    pub fn open(&self, token: &str, now: Timestamp) -> Result<HistoryLink, LinkError> {
        let claims = self.signer.verify(PURPOSE, token, now)?;
        let conversation = claims.subject.parse().map_err(|_| LinkError::Refused)?;
        Ok(HistoryLink {
            tenant: claims.tenant,
            conversation,
            expires_at: claims.expires,
        })
    }
}
