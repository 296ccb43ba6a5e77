//! What comes back in addresses and headers that we made: signed links, cursors, signatures.

use crate::links::Links;
use crate::signed_link::SignedLinks;
use crate::standard_webhooks::WebhookSigner;
use crate::store::AuditCursor;
use crate::vault::MasterKeys;
use domain::secret::Secret;
use domain::time::Timestamp;
use std::sync::{Arc, LazyLock};

const NOW: Timestamp = Timestamp(1_790_000_000_000);

/// A key of its own, so that an example can be signed for good.
const KEY: &str = "old:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

static SIGNED: LazyLock<Arc<SignedLinks>> = LazyLock::new(|| {
    let keys = MasterKeys::parse(KEY).expect("a key");
    Arc::new(SignedLinks::new(&keys))
});

static SIGNER: LazyLock<WebhookSigner> = LazyLock::new(|| {
    let secret = Secret::new("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX");
    WebhookSigner::new(&secret).expect("a secret")
});

/// The token of a link, a cursor, or the headers of a signed webhook.
pub fn links(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    for purpose in ["history", "file"] {
        if let Ok(claims) = SIGNED.verify(purpose, text, NOW) {
            // Only one way to write a token is believed.
            assert_eq!(SIGNED.sign(purpose, &claims), text);
        }
    }
    let links = Links::new(Arc::clone(&SIGNED), "https://relevo.example");
    let _ = (links.open(text, NOW), links.open_file(text, NOW));
    if let Ok(cursor) = text.parse::<AuditCursor>() {
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
    }
    let mut lines = text.lines();
    let mut next = || lines.next().unwrap_or_default();
    let (id, at, signature) = (next(), next(), next());
    let refused = SIGNER.verify(id, at, signature, bytes, NOW);
    assert!(refused.is_err(), "a signature was guessed");
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{NOW, SIGNED};
    use testkit::hostile::examples;

    #[test]
    fn the_examples_of_links_open() {
        let all = examples("links");
        for purpose in ["history", "file"] {
            let name = format!("signed_{purpose}");
            let token = all.iter().find(|(n, _)| *n == name).unwrap();
            let token = std::str::from_utf8(&token.1).unwrap();
            assert!(SIGNED.verify(purpose, token, NOW).is_ok());
        }
    }
}
