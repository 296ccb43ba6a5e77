//! The messaging platforms: one folder each, and what the Meta ones share.

pub mod api;
pub mod instagram;
pub mod messenger;
pub mod meta;
pub mod telegram;
pub mod test_chat;
pub mod whatsapp;

use domain::channel::ChannelKind;
use domain::ports::Channel;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The platforms that this process speaks to, by kind.
#[derive(Clone, Default)]
pub struct Channels(BTreeMap<ChannelKind, Arc<dyn Channel>>);

impl Channels {
    /// With one more platform; a second one of the same kind takes the place of the first.
    #[must_use]
    pub fn with(mut self, kind: ChannelKind, channel: Arc<dyn Channel>) -> Self {
        self.0.insert(kind, channel);
        self
    }

    /// The implementation for a kind; `None` where this process was built without it.
    #[must_use]
    pub fn get(&self, kind: ChannelKind) -> Option<&Arc<dyn Channel>> {
        self.0.get(&kind)
    }
}
