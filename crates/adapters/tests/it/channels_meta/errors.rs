//! What each error of the platforms means: the tables of the protocol sheet.

use adapters::channels::meta::graph::{GraphError, cleaned};
use adapters::channels::{instagram, messenger, whatsapp};
use domain::outbound::{Failure, ThrottleScope};
use serde_json::json;

fn error(code: i64, subcode: i64) -> GraphError {
    let mut envelope = json!({"error": {"message": "m", "code": code}});
    if subcode != 0 {
        envelope["error"]["error_subcode"] = json!(subcode);
    }
    GraphError::told(400, &envelope).unwrap()
}

/// The class by the sheet's name.
fn class(failure: &Failure) -> &'static str {
    match failure {
        Failure::Transient { .. } => "RETRY",
        Failure::Throttled {
            scope: ThrottleScope::Connection,
            ..
        } => "RATE(line)",
        Failure::Throttled {
            scope: ThrottleScope::Contact,
            ..
        } => "RATE(contact)",
        Failure::Unauthorized => "AUTH",
        Failure::Recipient => "RECIPIENT",
        Failure::Window => "WINDOW",
        Failure::Payload => "PAYLOAD",
        Failure::Policy => "POLICY",
        Failure::Held => "HELD",
        Failure::NotAsked => "NOT_ASKED",
    }
}

#[test]
fn whatsapp_codes_are_judged_as_documented() {
    let table: [(&str, &[i64]); 9] = [
        (
            "RETRY",
            &[1, 2, 131_000, 131_016, 133_004, 135_000, 131_057],
        ),
        ("RATE(line)", &[130_429, 4, 80_007, 131_048, 131_064]),
        ("RATE(contact)", &[131_056]),
        (
            "AUTH",
            &[
                0, 3, 10, 190, 200, 250, 299, 131_005, 33, 133_010, 131_045, 131_037, 102, 104,
            ],
        ),
        ("WINDOW", &[131_047]),
        (
            "RECIPIENT",
            &[
                131_026, 131_021, 131_030, 130_403, 137_000, 131_050, 131_049, 130_472,
            ],
        ),
        (
            "PAYLOAD",
            &[
                131_062, 100, 131_008, 131_009, 131_051, 132_000, 132_001, 132_005, 132_007,
                132_008, 132_012, 132_015, 132_016, 132_018, 132_068, 132_069, 131_055, 131_063,
                131_020, 131_041, 131_053, 131_052, 133_016,
            ],
        ),
        ("POLICY", &[368, 130_497, 131_031, 131_042, 134_011]),
        ("PAYLOAD", &[999_999]),
    ];
    for (expected, codes) in table {
        for code in codes {
            assert_eq!(
                class(&whatsapp::errors::classify(&error(*code, 0))),
                expected,
                "{code}"
            );
        }
    }
    assert_eq!(class(&whatsapp::errors::classify(&error(100, 33))), "AUTH");
}

#[test]
fn messenger_codes_are_judged_as_documented() {
    let table: [(&str, &[(i64, i64)]); 8] = [
        ("RETRY", &[(1, 0), (2, 0), (1200, 0), (-1, 0)]),
        (
            "RATE(line)",
            &[
                (4, 0),
                (17, 0),
                (32, 0),
                (613, 0),
                (613, 2_534_040),
                (80_006, 0),
            ],
        ),
        (
            "AUTH",
            &[
                (190, 0),
                (190, 460),
                (102, 0),
                (200, 2_018_028),
                (200, 0),
                (10, 0),
                (3, 0),
                (100, 33),
                (2_018_247, 0),
                (100, 2_018_247),
            ],
        ),
        (
            "WINDOW",
            &[(10, 2_018_278), (10, 2_018_065), (10, 2_534_022)],
        ),
        (
            "RECIPIENT",
            &[
                (551, 0),
                (551, 1_545_041),
                (200, 1_545_041),
                (10, 2_018_108),
                (100, 2_018_001),
                (2_018_218, 0),
                (100, 2_018_218),
                (10, 2_018_336),
                (613, 2_018_338),
            ],
        ),
        ("POLICY", &[(10, 1_893_063), (2022, 0), (368, 0)]),
        (
            "PAYLOAD",
            &[
                (100, 0),
                (100, 2_018_008),
                (100, 2_018_047),
                (100, 2_018_074),
                (100, 2_018_109),
                (100, 2_018_294),
                (100, 2_018_034),
                (100, 2_018_164),
                (1, 1_357_046),
                (9_000_001, 0),
            ],
        ),
        ("HELD", &[(10, 2_018_300), (2_018_300, 0), (10, 2_018_321)]),
    ];
    for (expected, pairs) in table {
        for (code, subcode) in pairs {
            let e = error(*code, *subcode);
            assert_eq!(
                class(&messenger::errors::classify(&e)),
                expected,
                "{code}/{subcode}"
            );
            assert_eq!(
                class(&instagram::errors::classify(&e)),
                expected,
                "Instagram {code}/{subcode}"
            );
        }
    }
}

#[test]
fn instagram_has_codes_of_its_own() {
    for (code, subcode, expected) in [
        (10, 2_534_022, "WINDOW"),
        (100, 2_534_014, "RECIPIENT"),
        (100, 2_534_015, "PAYLOAD"),
        (100, 2_534_029, "POLICY"),
        (100, 2_534_037, "HELD"),
        (100, 2_534_013, "AUTH"),
        (10, 2_534_077, "AUTH"),
        (200, 2_534_041, "AUTH"),
        (613, 2_534_040, "RATE(line)"),
        (36_103, 0, "AUTH"),
        (10_903, 0, "PAYLOAD"),
    ] {
        let judged = instagram::errors::classify(&error(code, subcode));
        assert_eq!(class(&judged), expected, "{code}/{subcode}");
    }
}

#[test]
fn without_a_known_code_the_hint_and_the_status_decide() {
    let judge = whatsapp::errors::classify;
    for (status, expected) in [
        (401, "AUTH"),
        (403, "AUTH"),
        (404, "PAYLOAD"),
        (408, "RETRY"),
        (429, "RATE(line)"),
        (500, "RETRY"),
        (502, "RETRY"),
        (302, "RETRY"),
    ] {
        assert_eq!(
            class(&judge(&GraphError::bare(status))),
            expected,
            "{status}"
        );
    }
    let hinted =
        json!({"error": {"code": "987654", "is_transient": true, "error_data": "a plain string"}});
    let hinted = GraphError::told(400, &hinted).unwrap();
    assert_eq!(hinted.details.as_deref(), Some("a plain string"));
    assert_eq!(class(&judge(&hinted)), "RETRY");
}

#[test]
fn what_members_read_holds_no_token_and_no_address() {
    let shown = cleaned(
        "Malformed access token EAAGm0PX4ZCpsBAKlongtoken at https://graph.facebook.com/x?access_token=1\nnext",
    );
    assert_eq!(shown, "Malformed access token […] at […] next");
    assert!(cleaned(&"word ".repeat(1000)).chars().count() <= 300);
}
