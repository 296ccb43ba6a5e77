//! What agents see of what a contact said. Nothing is dropped: what Let's Talk cannot show goes
//! as words, a file it does not take as another type or as a link.

mod describe;
pub(crate) mod words;

pub use describe::{describe, excerpt};

use super::accepted_mime;
use domain::message::{Content, StoredFile};
use domain::tenant::Language;

/// How a file travels whose type Let's Talk does not list; the tenant chooses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnlistedFile {
    /// As `application/octet-stream` with its own name.
    #[default]
    Upload,
    /// As words with the signed link.
    Link,
}

/// What rendering depends on.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeskContext<'a> {
    /// The tenant's language.
    pub language: Language,
    /// The words of the message that this one answers, reacts to, changes or takes back.
    pub quoted: Option<&'a str>,
    /// A signed link to the file in our viewer; never the platform's own address.
    pub file_link: Option<&'a str>,
    /// What to do with types that Let's Talk does not list.
    pub unlisted: UnlistedFile,
}

/// One message to post. Several parts of one message go in order, each under its own identity
/// (`MessageId::delivery_identity`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeskPart {
    /// Words.
    Text(String),
    /// A file out of the file store.
    File {
        /// Our copy.
        file: StoredFile,
        /// The type to declare, one that Let's Talk takes.
        mime: String,
    },
}

/// The messages that show `content` to agents; at least one.
#[must_use]
pub fn render(content: &Content, context: &DeskContext<'_>) -> Vec<DeskPart> {
    let stored = content.attachment().and_then(|a| a.stored.as_ref());
    let upload = stored.filter(|file| {
        accepted_mime(&file.mime)
            || context.unlisted == UnlistedFile::Upload
            || context.file_link.is_none()
    });
    let (Some(file), Content::Media { caption, .. }) = (upload, content) else {
        return vec![DeskPart::Text(answering(content, context))];
    };
    let mime = if accepted_mime(&file.mime) {
        file.mime.clone()
    } else {
        "application/octet-stream".to_owned()
    };
    let mut parts = vec![DeskPart::File {
        file: file.clone(),
        mime,
    }];
    // An attachment has no caption there: the words follow it.
    if let Some(caption) = caption.as_deref().filter(|c| !c.trim().is_empty()) {
        parts.push(DeskPart::Text(caption.to_owned()));
    }
    parts
}

/// The words, with the quote above them where the contact answered a certain message.
fn answering(content: &Content, context: &DeskContext<'_>) -> String {
    let text = describe(content, context);
    let quotes_itself = matches!(
        content,
        Content::Reaction { .. } | Content::Edit { .. } | Content::Delete { .. }
    );
    match context.quoted.map(excerpt).filter(|q| !q.is_empty()) {
        Some(quoted) if !quotes_itself => {
            format!("{}\n{text}", words::in_reply_to(context.language, &quoted))
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests;
