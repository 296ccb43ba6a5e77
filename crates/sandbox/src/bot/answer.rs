//! What the bot knows: greetings, opening hours, where the shop is. Everything else it does not
//! understand, and says so.

/// An answer: words and at most three things to tap (id, label).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    /// What it says.
    pub text: String,
    /// What can be tapped.
    pub options: &'static [(&'static str, &'static str)],
}

const MENU: &[(&str, &str)] = &[
    ("horario", "Horario"),
    ("direccion", "Dónde estamos"),
    ("envios", "Envíos"),
];
const BACK: &[(&str, &str)] = &[("menu", "Volver al inicio")];

fn plain(words: &str) -> String {
    words
        .to_lowercase()
        .chars()
        .map(|c| match c {
            'á' => 'a',
            'é' => 'e',
            'í' => 'i',
            'ó' => 'o',
            'ú' | 'ü' => 'u',
            other => other,
        })
        .collect()
}

/// The answer to what a user said; `None` words are pictures, sounds and the like.
pub(super) fn to(words: Option<&str>, shop: &str) -> Answer {
    let Some(words) = words else {
        return Answer {
            text: "Por ahora solo entiendo mensajes de texto 🙂".to_owned(),
            options: MENU,
        };
    };
    let words = plain(words);
    let has = |any: &[&str]| any.iter().any(|part| words.contains(part));
    let (text, options) = if has(&["horario", "abre", "abierto", "cierra"]) {
        (
            "Abrimos de lunes a viernes de 9:00 a 18:00 y los sábados de 10:00 a 14:00.".to_owned(),
            BACK,
        )
    } else if has(&["direccion", "donde", "ubicacion"]) {
        (
            "Estamos en la calle Mayor 12, al lado de la plaza. ¡Te esperamos!".to_owned(),
            BACK,
        )
    } else if has(&["envio", "entrega"]) {
        (
            "Enviamos a todo el país: los pedidos llegan en dos o tres días hábiles.".to_owned(),
            BACK,
        )
    } else if has(&["hola", "buenas", "buenos", "start", "menu", "empezar"]) {
        (
            format!("¡Hola! 👋 Soy el asistente de {shop}. ¿En qué te puedo ayudar?"),
            MENU,
        )
    } else if has(&["gracias"]) {
        ("¡A ti! Que tengas un buen día.".to_owned(), &[][..])
    } else {
        (
            "Perdona, no te entendí. Puedes elegir una de estas opciones:".to_owned(),
            MENU,
        )
    };
    Answer { text, options }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bot_greets_tells_the_hours_and_understands_nothing_else() {
        assert!(to(Some("¡Hola!"), "Tienda Sol").text.contains("Tienda Sol"));
        assert!(to(Some("¿A qué hora ABRE?"), "x").text.contains("9:00"));
        assert_eq!(to(Some("direccion"), "x").options, BACK);
        for unknown in ["agente", "quiero hablar con una persona", "😀"] {
            assert!(
                to(Some(unknown), "x").text.contains("no te entendí"),
                "{unknown}"
            );
        }
    }
}
