//! Outside the window only an approved template is delivered. The tenant's template has one
//! variable in its body, which takes the words.

use super::part;
use crate::channels::meta::messaging::render::place_in_words;
use crate::channels::meta::options;
use crate::channels::meta::words;
use domain::message::{Content, OptionAction, TextUnit};
use domain::ports::{Part, RenderContext};
use serde_json::json;

/// The most characters of words in one template: the body may hold 1024, and the template has
/// some of its own.
const WORDS: usize = 800;

/// The words of `content`, each piece in a template of its own; a variable may not hold line
/// breaks, tabs or runs of blanks.
pub(super) fn parts(
    content: &Content,
    template: &(String, String),
    context: &RenderContext,
) -> Vec<Part> {
    let link = context.file_link.as_deref().unwrap_or_default();
    let said = match content {
        Content::Media { caption, .. } => [caption.as_deref().unwrap_or_default(), link].join(" "),
        Content::Location(place) => place_in_words(place),
        Content::Contacts { cards } => cards
            .iter()
            .flat_map(|card| {
                std::iter::once(&card.name)
                    .chain(&card.phones)
                    .chain(&card.emails)
            })
            .cloned()
            .collect::<Vec<_>>()
            .join(" "),
        Content::Options(list) => {
            let items = list.items.iter().map(|item| match &item.action {
                OptionAction::Reply { .. } => words::one_line(&item.label),
                OptionAction::Link { url } => options::line(&item.label, url),
            });
            std::iter::once(list.title.clone())
                .chain(items)
                .collect::<Vec<_>>()
                .join(" · ")
        }
        Content::Reaction { .. } | Content::Delete { .. } => String::new(),
        Content::Unsupported { .. } => link.to_owned(),
        other => other.words().unwrap_or_default().to_owned(),
    };
    let said = words::one_line(&words::prefixed(&context.prefix, &said));
    let (name, language) = template;
    domain::message::split_text(&said, TextUnit::Characters, WORDS)
        .into_iter()
        .map(|piece| {
            part(
                "template",
                json!({
                    "name": name,
                    "language": { "code": language },
                    "components": [{
                        "type": "body",
                        "parameters": [{ "type": "text", "text": piece }],
                    }],
                }),
            )
        })
        .collect()
}
