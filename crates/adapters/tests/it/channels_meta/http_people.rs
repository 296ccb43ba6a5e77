//! Names and tokens that Meta tells only when asked, over real HTTP.

use super::server::{Server, json};
use super::support::*;
use domain::channel::{ChannelCredentials, InstagramLogin};
use domain::contact::{ContactAddress, ContactProfile};
use domain::outbound::Failure;
use domain::ports::Channel;
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn a_messenger_contact_is_asked_for_by_first_and_last_name() {
    let told = json!({"first_name": "Ana", "last_name": "Pérez <b>", "id": "77"});
    let server = Server::start(vec![json(200, told)]).await;
    let profile = messenger(&server.base)
        .profile(&messenger_credentials(), &ContactAddress::of("77"))
        .await
        .unwrap();
    assert_eq!(profile.name.as_deref(), Some("Ana Pérez <b>"));
    let asked = &server.asked()[0].line;
    assert!(asked.contains("/77?fields=first_name"), "{asked}");
    assert!(
        !asked.contains("access_token"),
        "the token is in a header: {asked}"
    );
}

#[tokio::test]
async fn an_instagram_contact_has_a_name_and_a_handle() {
    for login in [InstagramLogin::Facebook, InstagramLogin::Instagram] {
        let told = json!({"name": "Ana", "username": "ana.p"});
        let server = Server::start(vec![json(200, told)]).await;
        let profile = instagram(&server.base)
            .profile(&instagram_credentials(login), &ContactAddress::of("88"))
            .await
            .unwrap();
        assert_eq!(profile.name.as_deref(), Some("Ana"));
        assert_eq!(profile.username.as_deref(), Some("ana.p"));
    }
}

#[tokio::test]
async fn a_contact_without_a_profile_is_no_failure_and_a_strange_id_is_never_asked_for() {
    let refusal = json!({"error": {"code": 100, "error_subcode": 2018218, "message": "none"}});
    let server = Server::start(vec![json(400, refusal)]).await;
    let adapter = messenger(&server.base);
    let ask = async |key: &str| {
        adapter
            .profile(&messenger_credentials(), &ContactAddress::of(key))
            .await
    };
    assert_eq!(ask("77").await.unwrap(), ContactProfile::default());
    for strange in ["../me", "77/../1", "a?b", ""] {
        assert_eq!(
            ask(strange).await.unwrap(),
            ContactProfile::default(),
            "{strange}"
        );
    }
    assert_eq!(server.asked().len(), 1, "only the plain id was asked for");
}

#[tokio::test]
async fn an_instagram_token_is_renewed_and_a_page_token_is_not() {
    let told =
        json!({"access_token": "IGAAnew00000", "token_type": "bearer", "expires_in": 5_184_000});
    let server = Server::start(vec![json(200, told)]).await;
    let adapter = instagram(&server.base);
    let page = instagram_credentials(InstagramLogin::Facebook);
    assert_eq!(adapter.renew(&page).await.unwrap(), None);
    assert!(server.asked().is_empty());
    let own = instagram_credentials(InstagramLogin::Instagram);
    let renewed = adapter.renew(&own).await.unwrap().unwrap();
    assert_eq!(renewed.lasts, Duration::from_secs(5_184_000));
    let ChannelCredentials::Instagram {
        token, account_id, ..
    } = &renewed.credentials
    else {
        panic!("an Instagram account")
    };
    assert_eq!(token.expose(), "IGAAnew00000");
    assert!(!account_id.is_empty());
    assert!(server.asked()[0].line.contains("ig_refresh_token"));
}

#[tokio::test]
async fn a_refused_renewal_says_so_and_repeats_no_token() {
    let words = "Error validating access token: Session has expired";
    let refusal = json!({"error": {"code": 190, "message": words, "type": "OAuthException"}});
    let server = Server::start(vec![json(400, refusal)]).await;
    let own = instagram_credentials(InstagramLogin::Instagram);
    let error = instagram(&server.base).renew(&own).await.unwrap_err();
    assert_eq!(error.failure, Failure::Unauthorized);
    let ChannelCredentials::Instagram { token, .. } = &own else {
        panic!("an Instagram account")
    };
    assert!(!format!("{error:?}").contains(token.expose()));
}
