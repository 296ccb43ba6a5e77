//! The Messenger Platform: Messenger and Instagram speak it with small differences, which are
//! collected in [`Dialect`] (`channels.md` §4, §5).

pub mod attachment;
pub mod control;
pub mod decode;
pub mod message;
pub(crate) mod profile;
pub mod receipts;
pub mod render;
pub mod send;
pub mod synthesize;

use super::media::MediaHosts;
use domain::message::TextUnit;

/// What differs between the two.
#[derive(Clone, Copy, Debug)]
pub struct Dialect {
    /// `object` of the webhook: `page` or `instagram`.
    pub object: &'static str,
    /// How the length of a text counts.
    pub unit: TextUnit,
    /// The longest text.
    pub text_limit: usize,
    /// Whether a request inside the window says `messaging_type: RESPONSE`.
    pub messaging_type: bool,
    /// Whether pictures go as `attachments` (a list) instead of `attachment`.
    pub image_list: bool,
    /// The MIME types taken for a picture, a film, a sound and a file; none = any.
    pub images: &'static [&'static str],
    /// See `images`.
    pub videos: &'static [&'static str],
    /// See `images`.
    pub audios: &'static [&'static str],
    /// See `images`.
    pub files: &'static [&'static str],
}

/// Whose webhooks are read.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    /// The Page or the Instagram account; never a contact.
    pub account: &'a str,
    /// Our app, to tell our own echoes from foreign ones.
    pub app_id: &'a str,
    /// Where files may come from: other addresses are links, not files.
    pub hosts: &'a MediaHosts,
}
