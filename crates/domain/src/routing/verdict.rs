//! What a matching rule means for the machine.

use super::explain::PartTrace;
use super::{Action, Match};
use crate::handoff::{HandoffReason, HandoffRequest, Verdict};
use crate::ids::HandoffId;
use crate::message::Author;
use crate::words::fold;

/// Words that name a human being at the other end, folded, in Spanish, English and Portuguese.
/// A keyword or expression that matched one of them is the contact's own request for a person;
/// any other is just a keyword.
const PEOPLE: [&str; 30] = [
    "agente",
    "alguem",
    "alguien",
    "asesor",
    "asesora",
    "atendente",
    "consultor",
    "consultora",
    "ejecutiva",
    "ejecutivo",
    "gente",
    "humana",
    "humano",
    "operador",
    "operadora",
    "operator",
    "persona",
    "pessoa",
    "representante",
    "somebody",
    "someone",
    "supervisor",
    "vendedor",
    "vendedora",
    "advisor",
    "agent",
    "human",
    "person",
    "people",
    "representative",
];

impl Match {
    /// What the machine is told; `candidate` is the handoff's identity if it comes to be.
    ///
    /// A request in the contact's or the bot's own words is urgent: the cooldown keeps rules
    /// from pulling somebody back and forth, and holds nobody who asks.
    #[must_use]
    pub fn verdict(&self, candidate: HandoffId) -> Verdict {
        let Some(rule) = &self.decided else {
            return Verdict::Pass;
        };
        match &rule.action {
            Action::HandOff { options, close } => {
                let reason = self.reason.unwrap_or(HandoffReason::Keyword);
                Verdict::HandOff(HandoffRequest {
                    candidate,
                    reason,
                    rule: Some(rule.id),
                    options: options.clone(),
                    close: close.clone(),
                    urgent: matches!(
                        reason,
                        HandoffReason::UserRequest | HandoffReason::BotMessage
                    ),
                })
            }
            Action::Answer { text } => Verdict::Answer {
                rule: rule.id,
                text: text.clone(),
            },
            Action::Ignore => Verdict::Ignore { rule: rule.id },
            Action::Tag { .. } => Verdict::Pass,
        }
    }
}

/// The reason for a handoff, from what made the rule hold. The most telling cause wins; a rule
/// on something for which there is no word of its own (a tag, a referral) counts as a keyword.
pub(super) fn reason(matched: &PartTrace, author: Option<Author>) -> HandoffReason {
    let mut causes = Vec::new();
    matched.causes(&mut causes);
    let by = |names: &[&str]| causes.iter().any(|c| names.contains(&c.when));
    let asks_for_person = causes
        .iter()
        .filter(|c| matches!(c.when, "keywords" | "regex"))
        .any(|c| c.found.as_deref().is_some_and(names_a_person));
    let no_progress = by(&[
        "bot_fallbacks",
        "messages_without_progress",
        "same_question",
    ]);
    match author {
        None => HandoffReason::LowConfidence,
        Some(Author::Contact) if asks_for_person => HandoffReason::UserRequest,
        _ if no_progress => HandoffReason::FallbackCount,
        Some(Author::Bot) => HandoffReason::BotMessage,
        _ if by(&["keywords", "regex"]) => HandoffReason::Keyword,
        _ if by(&["in_business_hours"]) => HandoffReason::Schedule,
        _ => HandoffReason::Keyword,
    }
}

fn names_a_person(words: &str) -> bool {
    fold(words).split(' ').any(|word| PEOPLE.contains(&word))
}
