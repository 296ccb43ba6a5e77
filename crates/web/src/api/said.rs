//! Content as the bot reports it.

use super::problem::Problem;
use domain::message::{
    Attachment, ContactCard, Content, Location, MediaKind, MediaSource, OptionItem, OptionList,
};
use serde::Deserialize;

/// The longest text, in characters.
const LONGEST: usize = 20_000;

/// Content as the bot reports it.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Reported {
    Text {
        text: String,
    },
    Media {
        attachment: File,
        caption: Option<String>,
    },
    Location {
        latitude: f64,
        longitude: f64,
        name: Option<String>,
        address: Option<String>,
    },
    Contacts {
        cards: Vec<ContactCard>,
    },
    Choice {
        label: String,
        payload: Option<String>,
        offered_in: Option<String>,
    },
    Options {
        title: String,
        items: Vec<OptionItem>,
    },
}

/// A file by its address.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    kind: MediaKind,
    url: String,
    name: Option<String>,
    mime: Option<String>,
}

impl Reported {
    /// As we keep it. Files are fetched only where `fetch` says so: what the bot has sent itself
    /// is kept by name.
    pub(super) fn content(self, fetch: bool) -> Result<Content, Problem> {
        Ok(match self {
            Self::Text { text } => Content::Text { text: words(text)? },
            Self::Media {
                attachment,
                caption,
            } => Content::Media {
                attachment: attachment.kept(fetch)?,
                caption: caption.map(words).transpose()?,
            },
            Self::Location {
                latitude,
                longitude,
                name,
                address,
            } => {
                let on_earth =
                    (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude);
                if !on_earth {
                    return Err(Problem::body("latitude and longitude are degrees"));
                }
                Content::Location(Location {
                    latitude,
                    longitude,
                    name,
                    address,
                })
            }
            Self::Contacts { cards } if (1..=50).contains(&cards.len()) => {
                Content::Contacts { cards }
            }
            Self::Contacts { .. } => return Err(Problem::body("cards: 1 to 50")),
            Self::Choice {
                label,
                payload,
                offered_in,
            } => Content::Choice {
                label: words(label)?,
                payload,
                offered_in,
            },
            Self::Options { title, items } if (1..=100).contains(&items.len()) => {
                Content::Options(OptionList {
                    title: words(title)?,
                    items,
                })
            }
            Self::Options { .. } => return Err(Problem::body("items: 1 to 100")),
        })
    }
}

impl File {
    fn kept(self, fetch: bool) -> Result<Attachment, Problem> {
        // Where it leads is checked again by the client that fetches it.
        let url = url::Url::parse(&self.url)
            .ok()
            .filter(|url| matches!(url.scheme(), "https" | "http") && url.has_host())
            .ok_or_else(|| Problem::body("attachment.url: an https address"))?;
        let clean = |text: String| {
            let kept = text
                .chars()
                .filter(|c| !c.is_control() && !matches!(c, '/' | '\\'));
            kept.take(200).collect::<String>()
        };
        let last = url
            .path_segments()
            .and_then(|mut s| s.next_back().map(str::to_owned));
        let mut attachment = Attachment::of(self.kind);
        attachment.name = self.name.or(last).map(clean).filter(|n| !n.is_empty());
        attachment.mime = self
            .mime
            .map(|m| {
                m.split(';')
                    .next()
                    .unwrap_or_default()
                    .trim()
                    .to_lowercase()
            })
            .filter(|m| m.len() <= 127 && m.is_ascii() && m.contains('/'));
        if fetch {
            attachment.source = Some(MediaSource::Url { url: url.into() });
        }
        Ok(attachment)
    }
}

/// Words that are words.
pub(super) fn words(text: String) -> Result<String, Problem> {
    let fits = !text.trim().is_empty() && text.chars().count() <= LONGEST && !text.contains('\0');
    if fits {
        Ok(text)
    } else {
        Err(Problem::body(format!(
            "a text has 1 to {LONGEST} characters and no NUL"
        )))
    }
}
