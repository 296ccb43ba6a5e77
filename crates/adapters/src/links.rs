//! The signed addresses that work without a login: a conversation's history, for agents, and a
//! single file, for agents and contacts. A file's address opens that file and nothing else.

use crate::signed_link::{LinkError, SignedClaims, SignedLinks};
use domain::ids::{ConversationId, FileId, TenantId};
use domain::time::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// What a history's link is signed for.
const HISTORY: &str = "history";
/// What a file's link is signed for.
const FILE: &str = "file";

/// How long a link opens: longer than a case lasts, shorter than for ever.
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

/// What a file link opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileLink {
    /// Owner.
    pub tenant: TenantId,
    /// The file.
    pub file: FileId,
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
        let token = self.token(HISTORY, tenant, conversation.to_string(), now);
        format!("{}/history/{token}", self.public_url)
    }

    /// The address of a file.
    #[must_use]
    pub fn file(&self, tenant: TenantId, file: FileId, now: Timestamp) -> String {
        let token = self.token(FILE, tenant, file.to_string(), now);
        format!("{}/f/{token}", self.public_url)
    }

    fn token(&self, purpose: &str, tenant: TenantId, subject: String, now: Timestamp) -> String {
        let expires = now.after(VALID);
        let claims = SignedClaims {
            tenant,
            subject,
            expires,
        };
        self.signer.sign(purpose, &claims)
    }

    /// What a history token opens.
    ///
    /// # Errors
    /// [`LinkError`].
    pub fn open(&self, token: &str, now: Timestamp) -> Result<HistoryLink, LinkError> {
        let claims = self.signer.verify(HISTORY, token, now)?;
        let conversation = claims.subject.parse().map_err(|_| LinkError::Refused)?;
        Ok(HistoryLink {
            tenant: claims.tenant,
            conversation,
            expires_at: claims.expires,
        })
    }

    /// What a file's token opens.
    ///
    /// # Errors
    /// [`LinkError`].
    pub fn open_file(&self, token: &str, now: Timestamp) -> Result<FileLink, LinkError> {
        let claims = self.signer.verify(FILE, token, now)?;
        Ok(FileLink {
            tenant: claims.tenant,
            file: claims.subject.parse().map_err(|_| LinkError::Refused)?,
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::vault::MasterKeys;
    use uuid::Uuid;

    #[test]
    fn a_files_link_opens_the_file_and_no_history() {
        let keys = MasterKeys::parse(&MasterKeys::generate().unwrap()).unwrap();
        let links = Links::new(Arc::new(SignedLinks::new(&keys)), "https://relevo.example/");
        let (tenant, thing) = (TenantId(Uuid::from_u128(1)), Uuid::from_u128(2));
        let now = Timestamp(1_790_000_000_000);
        let token = |address: String| address.rsplit('/').next().unwrap().to_owned();
        let file = token(links.file(tenant, FileId(thing), now));
        let history = token(links.history(tenant, ConversationId(thing), now));
        assert_eq!(links.open_file(&file, now).unwrap().file, FileId(thing));
        assert_eq!(links.open(&file, now), Err(LinkError::Refused));
        assert_eq!(links.open_file(&history, now), Err(LinkError::Refused));
        let late = now.after(VALID);
        assert_eq!(links.open_file(&file, late), Err(LinkError::Expired));
    }
}
