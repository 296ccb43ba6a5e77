//! What is wrong with a rule, in words for the person who wrote it.

use crate::ids::RuleId;
use crate::tenant::Language;

/// A rule that cannot be compiled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("rule {rule}: {problem}")]
pub struct RuleError {
    /// Which rule.
    pub rule: RuleId,
    /// What is wrong, for the form, in Spanish.
    pub problem: String,
    /// What is wrong, to be said in another language.
    pub kind: RuleProblem,
}

impl RuleError {
    pub(super) fn new(rule: RuleId, kind: RuleProblem) -> Self {
        Self {
            rule,
            problem: kind.text(Language::Es),
            kind,
        }
    }
}

/// What is wrong with a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleProblem {
    /// A keyword without any letter, digit or emoji could never match.
    NothingToCompare {
        /// The keyword as written.
        word: String,
    },
    /// A keyword is longer than any message that would hold it.
    WordTooLong,
    /// Too many keywords in one rule.
    TooManyWords,
    /// The regular expression is not one.
    BadPattern {
        /// The expression library's own words (English).
        detail: String,
    },
    /// The regular expression would take too much memory.
    PatternTooLarge,
    /// Conditions are nested too deeply.
    TooDeep,
    /// Too many conditions in one rule.
    TooManyParts,
    /// A kind of message that does not exist.
    UnknownKind {
        /// The kind as written.
        kind: String,
    },
    /// A confidence limit outside 0 to 1.
    BadLimit,
    /// A rule that answers has no answer.
    EmptyAnswer,
}

impl RuleProblem {
    /// In plain words.
    #[must_use]
    pub fn text(&self, language: Language) -> String {
        match language {
            Language::Es => self.spanish(),
            Language::En => self.english(),
            Language::Pt => self.portuguese(),
        }
    }

    fn spanish(&self) -> String {
        match self {
            Self::NothingToCompare { word } => {
                format!("La palabra clave «{word}» no tiene letras, números ni emojis.")
            }
            Self::WordTooLong => "Una palabra clave es demasiado larga (máximo 200 letras).".into(),
            Self::TooManyWords => "La regla tiene demasiadas palabras clave (máximo 500).".into(),
            Self::BadPattern { detail } => {
                format!("La expresión regular no es válida: {detail}.")
            }
            Self::PatternTooLarge => {
                "La expresión regular es demasiado grande. Usa repeticiones más cortas.".into()
            }
            Self::TooDeep => "Las condiciones están demasiado anidadas (máximo 8 niveles).".into(),
            Self::TooManyParts => "La regla tiene demasiadas condiciones (máximo 200).".into(),
            Self::UnknownKind { kind } => format!("No existe el tipo de mensaje «{kind}»."),
            Self::BadLimit => "El límite de confianza debe estar entre 0 y 1.".into(),
            Self::EmptyAnswer => "Escribe el texto de la respuesta.".into(),
        }
    }

    fn english(&self) -> String {
        match self {
            Self::NothingToCompare { word } => {
                format!("The keyword “{word}” has no letters, digits or emoji.")
            }
            Self::WordTooLong => "A keyword is too long (at most 200 letters).".into(),
            Self::TooManyWords => "The rule has too many keywords (at most 500).".into(),
            Self::BadPattern { detail } => {
                format!("The regular expression is not valid: {detail}.")
            }
            Self::PatternTooLarge => {
                "The regular expression is too large. Use shorter repetitions.".into()
            }
            Self::TooDeep => "The conditions are nested too deeply (at most 8 levels).".into(),
            Self::TooManyParts => "The rule has too many conditions (at most 200).".into(),
            Self::UnknownKind { kind } => format!("There is no kind of message called “{kind}”."),
            Self::BadLimit => "The confidence limit must lie between 0 and 1.".into(),
            Self::EmptyAnswer => "Write the text of the answer.".into(),
        }
    }

    fn portuguese(&self) -> String {
        match self {
            Self::NothingToCompare { word } => {
                format!("A palavra-chave «{word}» não tem letras, números nem emojis.")
            }
            Self::WordTooLong => "Uma palavra-chave é longa demais (máximo de 200 letras).".into(),
            Self::TooManyWords => "A regra tem palavras-chave demais (máximo de 500).".into(),
            Self::BadPattern { detail } => format!("A expressão regular não é válida: {detail}."),
            Self::PatternTooLarge => {
                "A expressão regular é grande demais. Use repetições mais curtas.".into()
            }
            Self::TooDeep => "As condições estão aninhadas demais (máximo de 8 níveis).".into(),
            Self::TooManyParts => "A regra tem condições demais (máximo de 200).".into(),
            Self::UnknownKind { kind } => format!("Não existe o tipo de mensagem «{kind}»."),
            Self::BadLimit => "O limite de confiança deve ficar entre 0 e 1.".into(),
            Self::EmptyAnswer => "Escreva o texto da resposta.".into(),
        }
    }
}
