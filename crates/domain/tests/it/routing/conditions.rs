//! Every condition, holding and not holding.

use super::fixtures::*;
use domain::channel::ChannelKind;
use domain::message::{Author, Content, Location};
use domain::routing::{Action, Condition, DayHours, Progress};
use std::time::Duration;

fn kinds(kinds: &[&str]) -> Condition {
    Condition::MessageKind {
        kinds: kinds.iter().map(|k| (*k).to_owned()).collect(),
    }
}

fn language(tag: &str) -> Condition {
    Condition::Language {
        tags: vec![tag.to_owned()],
    }
}

#[test]
fn conditions_combine() {
    let yes = || keywords(&["hola"]);
    let no = || keywords(&["chao"]);
    let table = [
        (all(vec![]), true),
        (any(vec![]), false),
        (all(vec![yes(), yes()]), true),
        (all(vec![yes(), no()]), false),
        (any(vec![no(), yes()]), true),
        (any(vec![no(), no()]), false),
        (not(no()), true),
        (not(yes()), false),
        (all(vec![yes(), not(any(vec![no()]))]), true),
    ];
    for (condition, expected) in table {
        assert_eq!(
            said("hola").matches(condition.clone()),
            expected,
            "{condition:?}"
        );
    }
}

#[test]
fn a_kind_of_message_is_recognised() {
    let place = said("").with(|s| {
        s.content = Content::Location(Location {
            latitude: -33.4,
            longitude: -70.6,
            name: None,
            address: None,
        });
    });
    assert!(place.matches(kinds(&["text", "location"])));
    assert!(!place.matches(kinds(&["text"])));
    assert!(!place.matches(keywords(&["hola"])));
}

#[test]
fn rules_look_at_the_contacts_words_unless_they_say_otherwise() {
    let bot_says = |condition| said("te paso con un agente").by_bot().matches(condition);
    let by = |author| Condition::SaidBy { author };
    assert!(!bot_says(keywords(&["agente"])));
    assert!(!bot_says(all(vec![])));
    assert!(bot_says(all(vec![by(Author::Bot), keywords(&["agente"])])));
    assert!(!bot_says(all(vec![
        by(Author::Contact),
        keywords(&["agente"])
    ])));
    assert!(!said("agente").matches(all(vec![by(Author::Bot), keywords(&["agente"])])));
    let agent_says = said("agente").with(|s| s.author = Author::Agent);
    assert!(!agent_says.matches(not(by(Author::Bot))));
}

#[test]
fn the_platforms_language_comes_before_the_words() {
    let told = said("I would like to know the price, please").with(|s| {
        s.profile.language = Some("pt_BR".to_owned());
    });
    assert!(told.matches(language("pt")));
    assert!(!told.matches(language("en")));
}

#[test]
fn the_words_tell_the_language_where_the_platform_does_not() {
    let table = [
        ("Buenos días, quisiera saber el precio del envío", "es"),
        ("Good morning, I would like to know the price", "en"),
        (
            "Bom dia, eu gostaria de saber o preço da entrega, não sei",
            "pt",
        ),
    ];
    for (words, tag) in table {
        assert!(said(words).matches(language(tag)), "{words}");
        for other in ["es", "en", "pt"].into_iter().filter(|o| *o != tag) {
            assert!(
                !said(words).matches(language(other)),
                "{words} is not {other}"
            );
        }
    }
    assert!(!said("🙂").matches(language("es")));
}

#[test]
fn tags_and_attributes_are_compared_as_people_mean_them() {
    let known = said("hola").with(|s| {
        s.profile.tags = vec!["VIP".to_owned(), "⭐".to_owned()];
        s.profile.attributes.insert("plan".into(), "Básico".into());
    });
    let tag = |tag: &str| Condition::ContactTag {
        tag: tag.to_owned(),
    };
    let attribute = |name: &str, value: &str| Condition::ContactAttribute {
        name: name.to_owned(),
        value: value.to_owned(),
    };
    assert!(known.matches(tag("vip")));
    assert!(known.matches(tag("⭐")));
    assert!(!known.matches(tag("nuevo")));
    assert!(known.matches(attribute("plan", "BASICO")));
    assert!(!known.matches(attribute("plan", "oro")));
    assert!(!known.matches(attribute("edad", "")));
}

#[test]
fn counters_count_from_their_limit_on() {
    let counted = said("¿cuánto cuesta?").with(|s| {
        s.progress.fallbacks = 2;
        s.progress = s.progress.after_contact(&s.content);
        s.progress = s.progress.after_contact(&s.content);
    });
    for (at_least, expected) in [(1, true), (2, true), (3, false)] {
        for condition in [
            Condition::BotFallbacks { at_least },
            Condition::MessagesWithoutProgress { at_least },
            Condition::SameQuestion { at_least },
        ] {
            assert_eq!(
                counted.matches(condition.clone()),
                expected,
                "{condition:?}"
            );
        }
    }
    let another = counted.with(|s| s.content = Content::text("¿dónde están?"));
    assert!(!another.matches(Condition::SameQuestion { at_least: 2 }));
}

#[test]
fn a_rule_on_fallbacks_looks_right_after_the_bots_word_but_not_at_it() {
    let phrases = ["no te entendí".to_owned()];
    let fallback = said("Perdón, no te entendí").by_bot().with(|s| {
        s.progress = Progress::default()
            .after_contact(&Content::text("x"))
            .after_bot(&s.content, &phrases);
    });
    let enough = || Condition::BotFallbacks { at_least: 1 };
    assert!(fallback.matches(enough()));
    assert!(!fallback.matches(all(vec![enough(), keywords(&["perdón"])])));
}

#[test]
fn hours_and_the_last_handoff_are_looked_at() {
    let closed = said("hola").with(|s| s.hours.week = vec![DayHours::default(); 7]);
    assert!(said("hola").matches(Condition::InBusinessHours));
    assert!(closed.matches(not(Condition::InBusinessHours)));
    let released = |hours: u64| {
        said("hola").with(|s| {
            s.released_at = Some(s.now.before(Duration::from_secs(hours * 3600)));
        })
    };
    let within = || Condition::PreviousHandoff { within_hours: 24 };
    assert!(released(24).matches(within()));
    assert!(!released(25).matches(within()));
    assert!(!said("hola").matches(within()));
}

#[test]
fn a_referral_is_found_by_a_part_of_it() {
    let came = said("hola").with(|s| s.progress.referral = Some("promo_VERANO ad 77".into()));
    let referral = |contains: &str| Condition::Referral {
        contains: contains.to_owned(),
    };
    assert!(came.matches(referral("")));
    assert!(came.matches(referral("verano")));
    assert!(came.matches(referral("Promo_Ver")));
    assert!(!came.matches(referral("invierno")));
    assert!(!said("hola").matches(referral("")));
}

#[test]
fn confidence_is_its_own_event() {
    let sure = |sure: f32| said("").with(|s| s.confidence = Some(sure));
    let below = || Condition::ConfidenceBelow { limit: 0.5 };
    assert!(sure(0.49).matches(below()));
    assert!(!sure(0.5).matches(below()));
    assert!(!sure(f32::NAN).matches(below()));
    assert!(
        !sure(0.1).matches(all(vec![])),
        "a rule on words is not asked"
    );
    assert!(!said("hola").matches(below()));
}

#[test]
fn the_first_match_wins_and_tags_are_gathered_on_the_way() {
    let tag = |tags: &[&str]| Action::Tag {
        tags: tags.iter().map(|t| (*t).to_owned()).collect(),
    };
    let answer = Action::Answer {
        text: "a las nueve".to_owned(),
    };
    let rules = vec![
        rule(1, keywords(&["chao"]), hand_off()),
        rule(2, all(vec![]), tag(&["a", "b"])),
        rule(3, keywords(&["hora"]), tag(&["b", "c"])),
        rule(4, keywords(&["hora"]), answer),
        rule(5, keywords(&["hora"]), hand_off()),
        rule(6, all(vec![]), tag(&["d"])),
    ];
    let outcome = said("¿a qué hora?").under(rules.clone());
    assert_eq!(outcome.decided.map(|r| r.id), Some(rid(4)));
    assert_eq!(outcome.tags, ["a", "b", "c"]);
    let nothing = said("hola").under(rules);
    assert_eq!(nothing.decided, None);
    assert_eq!(nothing.tags, ["a", "b", "d"]);
}

#[test]
fn rules_that_are_off_or_for_other_channels_are_passed_over() {
    let mut off = rule(1, all(vec![]), hand_off());
    off.enabled = false;
    let mut elsewhere = rule(2, all(vec![]), hand_off());
    elsewhere.channels = vec![ChannelKind::WhatsApp];
    let mut here = rule(3, all(vec![]), hand_off());
    here.channels = vec![ChannelKind::WhatsApp, ChannelKind::Telegram];
    let outcome = said("hola").under(vec![off, elsewhere, here]);
    assert_eq!(outcome.decided.map(|r| r.id), Some(rid(3)));
}
