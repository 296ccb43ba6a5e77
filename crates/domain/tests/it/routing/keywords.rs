//! Finding words the way people type them.

use super::fixtures::*;
use domain::routing::default_rules;
use domain::tenant::Language;

#[test]
fn keywords_are_whole_words_without_accents_and_case() {
    let table = [
        ("agente", "agénte", true),
        ("agente", "AGENTE!!!", true),
        ("agente", "¿hay un agente?", true),
        ("agente", "agentes", false),
        ("humano", "humanos", false),
        ("humano", "humano.", true),
        ("humano", "inhumano", false),
        ("Humano", "un ser HUMANO, por favor", true),
        ("atención", "ATENCION", true),
        ("persona", "personal", false),
        (
            "hablar con una persona",
            "¡Quiero hablar con una PERSONA!",
            true,
        ),
        ("hablar con una persona", "hablar,  con\nuna…persona", true),
        ("hablar con una persona", "hablar con otra persona", false),
        ("hablar con una persona", "hablar con una", false),
        ("/humano", "/humano", true),
        ("señor", "senor", true),
        ("🆘", "ayuda 🆘", true),
        ("🆘", "ayuda🆘ya", true),
        ("👍", "👍🏽", true),
        ("❤️", "❤", true),
        ("50%", "quiero el 50 % ya", true),
        ("50", "500", false),
        ("não", "Nao quero", true),
        ("agente", "", false),
        ("agente", "ag ente", false),
    ];
    for (keyword, words, expected) in table {
        assert_eq!(
            said(words).matches(keywords(&[keyword])),
            expected,
            "«{keyword}» in «{words}»"
        );
    }
}

#[test]
fn any_of_the_words_is_enough_and_none_never_is() {
    assert!(said("quiero un asesor").matches(keywords(&["agente", "asesor"])));
    assert!(!said("quiero un asesor").matches(keywords(&[])));
}

#[test]
fn expressions_ignore_case_and_know_the_alphabet() {
    let table = [
        (r"pedido\s+#?\d+", "Mi PEDIDO #123", true),
        (r"^hola$", "hola", true),
        (r"^hola$", "hola a todos", false),
        (r"ÑANDÚ", "ñandú", true),
        (r"(?-i)Hola", "hola", false),
    ];
    for (pattern, words, expected) in table {
        assert_eq!(said(words).matches(regex(pattern)), expected, "{pattern}");
    }
}

#[test]
fn the_rule_a_tenant_starts_with_knows_a_request_from_a_sentence() {
    let asks = [
        "¡Quiero hablar con una PERSONA!",
        "agénte",
        "un humano por favor",
        "necesito un asesor",
        "Ejecutiva",
        "quiero hablar con alguien",
        "I want to talk to a person",
        "human",
        "quero falar com uma pessoa",
        "um atendente, por favor",
    ];
    let does_not = [
        "una mesa para una persona",
        "derechos humanos",
        "somos cuatro personas",
        "hola",
        "precio del agenciamiento",
        "",
    ];
    for language in [Language::Es, Language::En, Language::Pt] {
        let rules = compiled(default_rules(language, rid(1)));
        for words in asks {
            let outcome = rules.evaluate(&said(words).facts());
            assert!(outcome.decided.is_some(), "{words}");
        }
        for words in does_not {
            let outcome = rules.evaluate(&said(words).facts());
            assert!(outcome.decided.is_none(), "{words}");
        }
    }
}
