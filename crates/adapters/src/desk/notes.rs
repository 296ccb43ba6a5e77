//! What Relevo tells the agents in its own name.

use super::render::words::pick;
use domain::handoff::EndReason;
use domain::outbound::StoredNote;
use domain::tenant::Language;

/// The words of a note.
#[must_use]
pub fn words(note: &StoredNote, language: Language) -> String {
    let say = |es: &'static str, en: &'static str, pt: &'static str| pick(language, es, en, pt);
    match note {
        StoredNote::ContactEnded => say(
            "ℹ️ La persona terminó la conversación.",
            "ℹ️ The person ended the conversation.",
            "ℹ️ A pessoa encerrou a conversa.",
        )
        .to_owned(),
        StoredNote::Ended { reason } => ended(*reason, language).to_owned(),
        StoredNote::NotDelivered { why, .. } => {
            let lead = say(
                "⚠️ Tu mensaje no se pudo entregar",
                "⚠️ Your message could not be delivered",
                "⚠️ Sua mensagem não pôde ser entregue",
            );
            format!("{lead}: {why}")
        }
        StoredNote::WaitsForWindow { .. } => say(
            "⏳ La plataforma solo permite responder un tiempo después del último mensaje de la persona. \
             Tu mensaje quedó en espera y saldrá cuando vuelva a escribir.",
            "⏳ The platform only lets us answer for a while after the person's last message. \
             Your message is waiting and will go out when they write again.",
            "⏳ A plataforma só permite responder por um tempo após a última mensagem da pessoa. \
             Sua mensagem está em espera e sairá quando ela escrever de novo.",
        )
        .to_owned(),
    }
}

/// What agents read in a conversation that was opened twice, before it is closed; `kept` is the
/// number of the one that goes on.
#[must_use]
pub fn opened_twice(kept: Option<i64>, language: Language) -> String {
    let (lead, tail) = match language {
        Language::Es => (
            "ℹ️ Esta conversación se abrió dos veces por una falla de conexión y se cierra.",
            "Sigue en la conversación",
        ),
        Language::En => (
            "ℹ️ This conversation was opened twice because of a connection failure and is being closed.",
            "It goes on in conversation",
        ),
        Language::Pt => (
            "ℹ️ Esta conversa foi aberta duas vezes por uma falha de conexão e será encerrada.",
            "Ela continua na conversa",
        ),
    };
    match kept {
        Some(kept) => format!("{lead} {tail} {kept}."),
        None => lead.to_owned(),
    }
}

fn ended(reason: EndReason, language: Language) -> &'static str {
    let say = |es, en, pt| pick(language, es, en, pt);
    match reason {
        EndReason::NoAgentTimeout => say(
            "ℹ️ Nadie tomó la conversación a tiempo; la persona volvió con el bot.",
            "ℹ️ Nobody took the conversation in time; the person is back with the bot.",
            "ℹ️ Ninguém assumiu a conversa a tempo; a pessoa voltou para o bot.",
        ),
        EndReason::AgentInactive | EndReason::UserInactive => say(
            "ℹ️ La conversación se cerró por inactividad.",
            "ℹ️ The conversation was closed for inactivity.",
            "ℹ️ A conversa foi encerrada por inatividade.",
        ),
        EndReason::OperatorForced => say(
            "ℹ️ La conversación se devolvió al bot desde Relevo.",
            "ℹ️ The conversation was given back to the bot from Relevo.",
            "ℹ️ A conversa foi devolvida ao bot pelo Relevo.",
        ),
        _ => say(
            "ℹ️ La conversación terminó; la persona volvió con el bot.",
            "ℹ️ The conversation ended; the person is back with the bot.",
            "ℹ️ A conversa terminou; a pessoa voltou para o bot.",
        ),
    }
}
