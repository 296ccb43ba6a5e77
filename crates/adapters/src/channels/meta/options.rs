//! What the renderers of options share.

use super::words;
use domain::message::{OptionAction, OptionItem, OptionList, TextUnit, unique_labels};

/// Stands where a title is required and none was given, or the title went ahead as text.
/// Needs no language.
pub const NEUTRAL: &str = "👇";

/// An option as it can be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown<'a> {
    /// The label as told, on one line.
    pub full: String,
    /// The label cut and told apart from its siblings.
    pub label: String,
    /// Our id of the button: the prefix and the place in the whole list.
    pub id: String,
    /// Where it leads, if it is a link.
    pub url: Option<&'a str>,
}

/// Which options become buttons, and which links are written into the words because the
/// platform takes only `https` buttons.
#[must_use]
pub fn shown<'a>(
    list: &'a OptionList,
    prefix: &str,
    limit: usize,
) -> (Vec<Shown<'a>>, Vec<String>) {
    let labels: Vec<&str> = list.items.iter().map(|i| i.label.as_str()).collect();
    let cut = unique_labels(&labels, TextUnit::Utf16, limit);
    let mut buttons = Vec::new();
    let mut lines = Vec::new();
    for (index, (item, label)) in list.items.iter().zip(cut).enumerate() {
        match secure(item) {
            Err(insecure) => lines.push(line(&item.label, insecure)),
            Ok(url) => buttons.push(Shown {
                full: words::one_line(&item.label),
                label,
                id: format!("{prefix}{index}"),
                url,
            }),
        }
    }
    (buttons, lines)
}

/// The address of a link if it can be a button, nothing for a reply; `Err` with the address
/// that can only be written.
fn secure(item: &OptionItem) -> Result<Option<&str>, &str> {
    match &item.action {
        OptionAction::Reply { .. } => Ok(None),
        OptionAction::Link { url } if url.starts_with("https://") && url.len() <= 2000 => {
            Ok(Some(url))
        }
        OptionAction::Link { url } => Err(url),
    }
}

/// A link written out.
#[must_use]
pub fn line(label: &str, url: &str) -> String {
    let label = words::one_line(label);
    if label.is_empty() || label == url {
        return url.to_owned();
    }
    format!("{label}: {url}")
}

/// The question with the links that are written below it.
#[must_use]
pub fn with_lines(title: &str, lines: &[String]) -> String {
    std::iter::once(title)
        .chain(lines.iter().map(String::as_str))
        .filter(|part| !part.trim().is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}
