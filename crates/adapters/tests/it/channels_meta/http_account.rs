//! Checking credentials and subscribing over real HTTP.

use super::server::{Reply, Server, json};
use super::support::*;
use domain::channel::{ChannelCredentials, InstagramLogin};
use domain::ports::{Channel, ValidationError, WebhookSetup};
use serde_json::{Value, json};

fn number() -> Reply {
    json(
        200,
        json!({"id": LINE, "display_phone_number": "+1 555-010-0999", "verified_name": "Shop", "quality_rating": "RED", "platform_type": "CLOUD_API"}),
    )
}

fn data(list: Value) -> Reply {
    json(200, json!({ "data": list }))
}

fn refused(status: u16, code: i64, subcode: i64) -> Reply {
    json(
        status,
        json!({"error": {"code": code, "error_subcode": subcode, "message": "words"}}),
    )
}

#[tokio::test]
async fn a_whatsapp_line_is_checked_against_its_account() {
    let server = Server::start(vec![
        number(),
        json(
            200,
            json!({"data": [{"id": "1"}], "paging": {"cursors": {"after": "c"}, "next": "x"}}),
        ),
        data(json!([{"id": LINE}])),
        data(json!([])),
    ])
    .await;
    let info = whatsapp(&server.base)
        .validate(&whatsapp_credentials())
        .await
        .unwrap();
    assert_eq!(info.external_id, LINE);
    assert_eq!(info.display, "+1 555-010-0999 · Shop");
    assert_eq!(info.warnings, ["channel.whatsapp.quality_red"]);
    assert!(server.asked()[2].line.contains("after=c"));
    assert!(
        server.asked()[3]
            .line
            .contains(&format!("/{WABA}/message_templates?limit=1"))
    );
}

#[tokio::test]
async fn each_way_a_whatsapp_line_can_fail_has_its_own_answer() {
    let check = async |script: Vec<Reply>| {
        let server = Server::start(script).await;
        whatsapp(&server.base)
            .validate(&whatsapp_credentials())
            .await
            .unwrap_err()
    };
    assert!(matches!(
        check(vec![refused(401, 190, 463)]).await,
        ValidationError::Token { .. }
    ));
    assert!(matches!(
        check(vec![refused(400, 100, 33)]).await,
        ValidationError::NotFound {
            field: "phone_number_id",
            ..
        }
    ));
    assert!(matches!(
        check(vec![refused(403, 200, 0)]).await,
        ValidationError::Permission { .. }
    ));
    assert!(matches!(
        check(vec![json(200, json!({"id": LINE, "name": "a WABA"}))]).await,
        ValidationError::Mismatch {
            field: "phone_number_id"
        }
    ));
    assert!(matches!(
        check(vec![number(), data(json!([{"id": "1"}]))]).await,
        ValidationError::Mismatch { field: "waba_id" }
    ));
    assert!(matches!(
        check(vec![number(), refused(400, 100, 33)]).await,
        ValidationError::NotFound {
            field: "waba_id",
            ..
        }
    ));
    assert!(matches!(
        check(vec![
            number(),
            data(json!([{"id": LINE}])),
            refused(403, 10, 0)
        ])
        .await,
        ValidationError::Permission { .. }
    ));
    assert!(matches!(
        check(vec![Reply::HangUp]).await,
        ValidationError::Unreachable { .. }
    ));
    assert!(matches!(
        check(vec![refused(500, 2, 0)]).await,
        ValidationError::Unreachable { .. }
    ));
}

#[tokio::test]
async fn malformed_values_are_refused_before_any_call() {
    let server = Server::start(vec![]).await;
    let with = |change: &dyn Fn(&mut String, &mut String)| {
        let ChannelCredentials::WhatsApp {
            app_secrets,
            verify_token,
            mut phone_number_id,
            mut waba_id,
            access_token,
        } = whatsapp_credentials()
        else {
            panic!()
        };
        change(&mut phone_number_id, &mut waba_id);
        ChannelCredentials::WhatsApp {
            app_secrets,
            verify_token,
            phone_number_id,
            waba_id,
            access_token,
        }
    };
    for (credentials, field) in [
        (
            with(&|phone, _| *phone = "+1 555".into()),
            "phone_number_id",
        ),
        (with(&|_, waba| *waba = "../me".into()), "waba_id"),
    ] {
        let error = whatsapp(&server.base)
            .validate(&credentials)
            .await
            .unwrap_err();
        assert_eq!(error, ValidationError::Malformed { field });
    }
    let error = whatsapp(&server.base)
        .validate(&messenger_credentials())
        .await
        .unwrap_err();
    assert_eq!(error, ValidationError::Malformed { field: "kind" });
    assert_eq!(server.asked().len(), 0);
}

#[tokio::test]
async fn a_page_is_checked_to_be_the_tokens_own() {
    let server = Server::start(vec![
        json(200, json!({"id": PAGE, "name": "Shop"})),
        data(json!([{"id": APP}, {"id": "2"}])),
    ])
    .await;
    let info = messenger(&server.base)
        .validate(&messenger_credentials())
        .await
        .unwrap();
    assert_eq!(
        (info.display.as_str(), info.warnings),
        ("Shop", vec!["channel.other_apps".to_owned()])
    );
    let server = Server::start(vec![json(200, json!({"id": "7", "name": "A user"}))]).await;
    let error = messenger(&server.base)
        .validate(&messenger_credentials())
        .await
        .unwrap_err();
    assert_eq!(error, ValidationError::Mismatch { field: "page_id" });
}

#[tokio::test]
async fn an_instagram_account_is_checked_in_both_flavours() {
    let own = json(
        200,
        json!({"id": "app-scoped", "user_id": ACCOUNT, "username": "shop"}),
    );
    let server = Server::start(vec![own, data(json!([]))]).await;
    let info = instagram(&server.base)
        .validate(&instagram_credentials(InstagramLogin::Instagram))
        .await
        .unwrap();
    assert_eq!(
        (info.external_id.as_str(), info.display.as_str()),
        (ACCOUNT, "@shop")
    );
    let facebook = instagram_credentials(InstagramLogin::Facebook);
    for (answer, expected) in [
        (
            json!({"instagram_business_account": {"id": ACCOUNT, "username": "shop"}}),
            None,
        ),
        (
            json!({"instagram_business_account": {"id": "other"}}),
            Some("mismatch"),
        ),
        (json!({"id": PAGE}), Some("not found")),
    ] {
        let server = Server::start(vec![json(200, answer), data(json!([]))]).await;
        let result = instagram(&server.base).validate(&facebook).await;
        match expected {
            None => assert_eq!(result.unwrap().display, "@shop"),
            Some("mismatch") => assert_eq!(
                result.unwrap_err(),
                ValidationError::Mismatch {
                    field: "account_id"
                }
            ),
            Some(_) => assert!(matches!(
                result.unwrap_err(),
                ValidationError::NotFound {
                    field: "account_id",
                    ..
                }
            )),
        }
    }
}

fn connect() -> WebhookSetup {
    WebhookSetup {
        callback_url: "https://r.example/in".into(),
        restore: None,
    }
}

#[tokio::test]
async fn subscribing_tries_another_spelling_and_then_leaves_a_field_out() {
    let unknown = |field: &str| {
        json(
            400,
            json!({"error": {"code": 100, "message": format!("Param subscribed_fields must be one of {{a}} - got {field}.")}}),
        )
    };
    let server = Server::start(vec![
        unknown("messaging_handovers"),
        unknown("messaging_handover"),
        json(200, json!({"success": true})),
    ])
    .await;
    messenger(&server.base)
        .set_webhook(&messenger_credentials(), &connect())
        .await
        .unwrap();
    let asked = server.asked();
    assert!(asked[0].line.starts_with(&format!(
        "POST /v25.0/{PAGE}/subscribed_apps?subscribed_fields=messages%2C"
    )));
    assert!(
        asked[1].line.contains("messaging_handover")
            && !asked[1].line.contains("messaging_handovers")
    );
    assert!(!asked[2].line.contains("messaging_handover"));
    assert!(asked[2].line.contains("standby"));
}

#[tokio::test]
async fn whatsapp_subscribes_its_account_and_disconnecting_leaves_it() {
    let server = Server::start(vec![json(200, json!({"success": true}))]).await;
    let line = whatsapp(&server.base);
    line.set_webhook(&whatsapp_credentials(), &connect())
        .await
        .unwrap();
    assert_eq!(
        server.asked()[0].line,
        format!("POST /v25.0/{WABA}/subscribed_apps HTTP/1.1")
    );
    let away = WebhookSetup {
        restore: Some(None),
        ..connect()
    };
    line.set_webhook(&whatsapp_credentials(), &away)
        .await
        .unwrap();
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn the_status_tells_whether_our_app_is_installed() {
    let server = Server::start(vec![
        data(json!([{"id": APP}])),
        data(json!([{"id": "2"}])),
        data(json!([{"whatsapp_business_api_data": {"id": "1"}}])),
        data(json!([])),
    ])
    .await;
    let page = messenger(&server.base);
    let line = whatsapp(&server.base);
    let (page_credentials, line_credentials) = (messenger_credentials(), whatsapp_credentials());
    assert_eq!(
        page.webhook_status(&page_credentials)
            .await
            .unwrap()
            .subscribed,
        Some(true)
    );
    assert_eq!(
        page.webhook_status(&page_credentials)
            .await
            .unwrap()
            .subscribed,
        Some(false)
    );
    assert_eq!(
        line.webhook_status(&line_credentials)
            .await
            .unwrap()
            .subscribed,
        Some(true)
    );
    assert_eq!(
        line.webhook_status(&line_credentials)
            .await
            .unwrap()
            .subscribed,
        Some(false)
    );
}
