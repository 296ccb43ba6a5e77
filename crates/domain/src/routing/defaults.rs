//! The rule every tenant starts with.

use super::{Action, Condition, Rule};
use crate::handoff::HandoffOptions;
use crate::ids::RuleId;
use crate::tenant::Language;

/// Single words only where they hardly mean anything else: «persona» alone would hand off
/// «una mesa para una persona».
const SPANISH: [&str; 16] = [
    "agente",
    "asesor",
    "asesora",
    "ejecutivo",
    "ejecutiva",
    "humano",
    "operador",
    "operadora",
    "representante",
    "persona real",
    "atención humana",
    "hablar con una persona",
    "hablar con alguien",
    "habla con una persona",
    "necesito una persona",
    "quiero una persona",
];

const ENGLISH: [&str; 12] = [
    "agent",
    "human",
    "operator",
    "representative",
    "real person",
    "talk to a person",
    "speak to a person",
    "speak with a person",
    "talk to someone",
    "speak to someone",
    "speak with someone",
    "live chat",
];

const PORTUGUESE: [&str; 10] = [
    "atendente",
    "consultor",
    "consultora",
    "pessoa real",
    "atendimento humano",
    "falar com uma pessoa",
    "falar com alguém",
    "falar com um humano",
    "quero uma pessoa",
    "preciso de uma pessoa",
];

/// The rules a new tenant starts with: «pide una persona», with the words of all three
/// languages, the tenant's own first. `id` is made by the caller.
#[must_use]
pub fn default_rules(language: Language, id: RuleId) -> Vec<Rule> {
    let (es, en, pt) = (&SPANISH[..], &ENGLISH[..], &PORTUGUESE[..]);
    let (name, words) = match language {
        Language::Es => ("Pide una persona", [es, pt, en]),
        Language::En => ("Asks for a person", [en, es, pt]),
        Language::Pt => ("Pede uma pessoa", [pt, es, en]),
    };
    let words = words.concat().into_iter().map(str::to_owned).collect();
    vec![Rule {
        id,
        name: name.to_owned(),
        enabled: true,
        channels: Vec::new(),
        condition: Condition::Keywords { words },
        action: Action::HandOff {
            options: HandoffOptions::default(),
            close: None,
        },
    }]
}
