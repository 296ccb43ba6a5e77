//! What the rules count.

use domain::message::{Content, Referral};
use domain::routing::{BotReply, Progress};

fn phrases() -> Vec<String> {
    vec!["no te entendí".to_owned(), "…".to_owned()]
}

fn contact(progress: &Progress, words: &str) -> Progress {
    progress.after_contact(&Content::text(words))
}

fn bot(progress: &Progress, words: &str) -> Progress {
    progress.after_bot(&Content::text(words), &phrases())
}

#[test]
fn fallbacks_are_counted_in_a_row_and_once_per_turn() {
    let mut progress = Progress::default();
    let turns: [(&[&str], u32); 5] = [
        (&["Perdón, NO TE ENTENDI.", "Elige una opción:"], 1),
        (&["Elige una opción:", "no te entendí", "no te entendí"], 2),
        (&[], 2),
        (&["Abrimos a las nueve.", "¿Algo más?"], 0),
        (&["no te entendí"], 1),
    ];
    for (said, expected) in turns {
        progress = contact(&progress, "hola");
        for words in said {
            progress = bot(&progress, words);
        }
        assert_eq!(progress.fallbacks_in_a_row(), expected, "{said:?}");
    }
}

#[test]
fn a_bot_can_report_its_fallback_itself() {
    let progress = contact(&Progress::default(), "hola").after_fallback();
    assert_eq!(progress.fallbacks_in_a_row(), 1);
    assert_eq!(progress.after_fallback(), progress);
    assert_eq!(bot(&progress, "Elige:").fallbacks_in_a_row(), 1);
}

#[test]
fn a_question_is_the_same_whatever_its_accents() {
    let mut progress = Progress::default();
    for words in [
        "¿Cuánto cuesta?",
        "cuanto CUESTA",
        "ok",
        "ok",
        "cuánto cuesta??",
    ] {
        progress = contact(&progress, words);
    }
    assert_eq!(progress.contact_messages, 5);
    assert_eq!(progress.questions.len(), 1, "«ok» is no question");
    assert_eq!(progress.questions[0].1, 3);
}

#[test]
fn the_last_eight_questions_are_kept() {
    let mut progress = Progress::default();
    for n in 0..20 {
        progress = contact(&progress, &format!("pregunta {n}"));
    }
    assert_eq!(progress.questions.len(), 8);
    let kept = contact(&progress, "pregunta 12");
    assert_eq!(kept.questions.last().unwrap().1, 2);
    let forgotten = contact(&progress, "pregunta 11");
    assert_eq!(forgotten.questions.last().unwrap().1, 1);
}

#[test]
fn fingerprints_stay_what_they_are_in_the_database() {
    let progress = contact(&Progress::default(), "¡Hola, mundo!");
    assert_eq!(progress.questions, [(0x0471_5e08_bd1e_db56, 1)]);
}

#[test]
fn a_reaction_or_an_edit_is_no_message() {
    let progress = Progress::default();
    let reaction = Content::Reaction {
        target: "1".to_owned(),
        emoji: Some("👍".to_owned()),
    };
    let edit = Content::Edit {
        target: "1".to_owned(),
        text: "¿hola hola?".to_owned(),
    };
    assert_eq!(progress.after_contact(&reaction), progress);
    assert_eq!(progress.after_contact(&edit), progress);
}

#[test]
fn a_referral_is_kept_as_one_line_until_the_release() {
    let referral = Content::Referral(Referral {
        parameter: Some(" verano ".to_owned()),
        source: Some("ADS".to_owned()),
        ad_id: Some("77".to_owned()),
        headline: Some("x".repeat(2000)),
        url: None,
    });
    let progress = contact(&Progress::default().after_contact(&referral), "hola");
    let line = progress.referral.clone().unwrap();
    assert!(line.starts_with("verano ADS xxx"));
    assert_eq!(line.len(), 500);
    assert_eq!(progress.released(), Progress::default());
}

#[test]
fn counters_stay_at_their_end() {
    let progress = Progress {
        fallbacks: u32::MAX,
        contact_messages: u32::MAX,
        reply: BotReply::None,
        ..Progress::default()
    };
    assert_eq!(contact(&progress, "hola").contact_messages, u32::MAX);
    assert_eq!(progress.after_fallback().fallbacks, u32::MAX);
}

#[test]
fn counters_written_before_replies_were_kept_are_still_read() {
    let old = r#"{"fallbacks":2,"contact_messages":3,"questions":[[5,1]],"referral":null}"#;
    let progress: Progress = serde_json::from_str(old).unwrap();
    assert_eq!(progress.fallbacks_in_a_row(), 2);
}
