//! What the Telegram tests have in common, and the webhook's proof.

use crate::net_server::Server;
use adapters::channels::telegram::Telegram;
use adapters::files::LocalFiles;
use adapters::net::{Http, NetPolicy};
use domain::channel::ChannelCredentials;
use domain::ports::{Channel, RawWebhook, VerifyError};
use domain::secret::Secret;
use std::path::Path;
use std::sync::{Arc, LazyLock};

pub const TOKEN: &str = "7000000001:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw";

pub fn credentials() -> ChannelCredentials {
    ChannelCredentials::Telegram {
        token: Secret::new(TOKEN),
        webhook_secret: Secret::new("s3cret_-"),
    }
}

/// A channel without a server: for what is pure.
pub fn offline() -> &'static Telegram {
    static TELEGRAM: LazyLock<Telegram> =
        LazyLock::new(|| at("http://127.0.0.1:9", Path::new("/nonexistent")));
    &TELEGRAM
}

pub fn at(base: &str, files: &Path) -> Telegram {
    let policy = NetPolicy {
        allow_private_network: true,
    };
    let http = Http::new(policy).unwrap();
    Telegram::new(http, base, Arc::new(LocalFiles::new(files)))
}

pub fn with(server: &Server, files: &Path) -> Telegram {
    at(&server.url("/"), files)
}

pub fn webhook(headers: &[(&str, &str)], body: &str) -> RawWebhook {
    RawWebhook {
        headers: headers
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect(),
        body: body.to_owned().into(),
    }
}

const HEADER: &str = "x-telegram-bot-api-secret-token";

#[test]
fn only_our_secret_exactly_once_proves_the_sender() {
    let telegram = offline();
    let verify = |headers: &[(&str, &str)]| {
        telegram
            .verify(&credentials(), webhook(headers, "{}"))
            .map(drop)
    };
    assert_eq!(verify(&[(HEADER, "s3cret_-")]), Ok(()));
    assert_eq!(verify(&[]), Err(VerifyError::Missing));
    assert_eq!(verify(&[(HEADER, "")]), Err(VerifyError::Missing));
    assert_eq!(verify(&[(HEADER, "s3cret_")]), Err(VerifyError::Mismatch));
    assert_eq!(verify(&[(HEADER, "S3cret_-")]), Err(VerifyError::Mismatch));
    let twice = [(HEADER, "s3cret_-"), (HEADER, "s3cret_-")];
    assert_eq!(verify(&twice), Err(VerifyError::Missing));
}

#[test]
fn without_a_secret_of_our_own_nothing_is_believed() {
    let empty = ChannelCredentials::Telegram {
        token: Secret::new(TOKEN),
        webhook_secret: Secret::default(),
    };
    for headers in [&[(HEADER, "")][..], &[], &[(HEADER, "x")]] {
        assert!(offline().verify(&empty, webhook(headers, "{}")).is_err());
    }
}

#[test]
fn there_is_no_handshake() {
    assert!(offline().handshake(&credentials(), &[]).is_err());
}
