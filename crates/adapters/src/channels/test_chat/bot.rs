//! The practice bot: answers in the test chat where no bot of the tenant's does, so that rules are
//! seen at work. It greets, repeats, and fails to understand when asked to.

use domain::message::{Content, OptionAction, OptionItem, OptionList};
use domain::tenant::Language;

struct Words {
    hello: &'static str,
    heard: (&'static str, &'static str),
    lost: &'static str,
    /// Buttons under the greeting: to get lost, to ask for a person.
    buttons: [&'static str; 2],
    greetings: &'static [&'static str],
}

const ES: Words = Words {
    hello: "¡Hola! Soy el bot de prueba. Repito lo que me escribes para que veas tus reglas en acción. ¿Qué quieres probar?",
    heard: ("Me escribiste: «", "»"),
    lost: "No te entendí.",
    buttons: ["Que el bot no entienda", "Hablar con una persona"],
    greetings: &["hola", "buenas", "buenos dias", "/start"],
};

const EN: Words = Words {
    hello: "Hi! I am the practice bot. I repeat what you write, so that you can see your rules at work. What would you like to try?",
    heard: ("You wrote: “", "”"),
    lost: "I did not understand you.",
    buttons: ["Let the bot get lost", "Talk to a person"],
    greetings: &["hi", "hello", "hey", "/start"],
};

const PT: Words = Words {
    hello: "Olá! Sou o bot de teste. Repito o que você escreve para que veja suas regras em ação. O que quer testar?",
    heard: ("Você escreveu: “", "”"),
    lost: "Não entendi.",
    buttons: ["Que o bot não entenda", "Falar com uma pessoa"],
    greetings: &["oi", "ola", "olá", "/start"],
};

/// The longest piece of the contact's words that is repeated, in characters.
const REPEATED: usize = 500;

/// What the practice bot answers. `fallback` is the tenant's own phrase for «I did not
/// understand», so that rules about it fire.
#[must_use]
pub fn answer(heard: &Content, language: Language, fallback: Option<&str>) -> Content {
    let words = match language {
        Language::Es => &ES,
        Language::En => &EN,
        Language::Pt => &PT,
    };
    let said = heard.words().unwrap_or_default().trim();
    let [lose, _] = words.buttons;
    if said == lose {
        return Content::text(fallback.unwrap_or(words.lost));
    }
    let plain = said.trim_matches(['¡', '!', '.', '?']).to_lowercase();
    if words.greetings.contains(&plain.as_str()) || said.is_empty() {
        return greeting(words);
    }
    let (open, close) = words.heard;
    let mut repeated: String = said.chars().take(REPEATED).collect();
    if repeated.len() < said.len() {
        repeated.push('…');
    }
    Content::text(format!("{open}{repeated}{close}"))
}

fn greeting(words: &Words) -> Content {
    let item = |label: &&str| OptionItem {
        label: (*label).to_owned(),
        action: OptionAction::Reply {
            message: (*label).to_owned(),
        },
    };
    Content::Options(OptionList {
        title: words.hello.to_owned(),
        items: words.buttons.iter().map(item).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_repeats_what_it_hears() {
        let said = answer(&Content::text("¿y mi pedido?"), Language::Es, None);
        assert_eq!(said, Content::text("Me escribiste: «¿y mi pedido?»"));
    }

    #[test]
    fn it_greets_with_buttons() {
        let Content::Options(list) = answer(&Content::text("¡Hola!"), Language::Es, None) else {
            panic!("buttons")
        };
        assert_eq!(list.items.len(), 2);
    }

    #[test]
    fn it_gets_lost_in_the_tenants_own_words() {
        let tap = Content::text(ES.buttons[0]);
        let said = answer(&tap, Language::Es, Some("no capté"));
        assert_eq!(said, Content::text("no capté"));
    }
}
