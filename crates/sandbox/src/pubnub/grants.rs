//! Access Manager: which auth key may use which channels and groups.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

/// What one auth key may use. `"*"` in a set stands for everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Grant {
    /// Channels; their `-pnpres` channels are included.
    pub channels: HashSet<String>,
    /// Groups; the channels in them may be read too, by poll and by history.
    pub groups: HashSet<String>,
}

/// What an auth key asked for without a grant, as PubNub's 403 body lists it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forbidden {
    /// The channels.
    pub channels: Vec<String>,
    /// The groups, without the colon that PubNub puts before them.
    pub groups: Vec<String>,
}

/// All grants of a keyset.
#[derive(Debug, Default)]
pub(crate) struct Grants {
    by_auth: HashMap<String, Grant>,
}

impl Grants {
    /// Adds to what the auth key may use.
    pub(crate) fn add(&mut self, auth: &str, grant: Grant) {
        let held = self.by_auth.entry(auth.to_owned()).or_default();
        held.channels.extend(grant.channels);
        held.groups.extend(grant.groups);
    }

    /// Takes everything away; answers whether there was something.
    pub(crate) fn revoke(&mut self, auth: &str) -> bool {
        self.by_auth.remove(auth).is_some()
    }

    /// Checks a request; `groups_of` tells which groups hold a channel.
    pub(crate) fn check<'a>(
        &self,
        auth: &str,
        channels: &[String],
        groups: &[String],
        groups_of: impl Fn(&str) -> Option<&'a HashSet<String>>,
    ) -> Result<(), Forbidden> {
        let grant = self.by_auth.get(auth);
        let may_group = |group: &str| {
            grant.is_some_and(|grant| grant.groups.contains("*") || grant.groups.contains(group))
        };
        let may_channel = |channel: &str| {
            grant.is_some_and(|grant| {
                grant.channels.contains("*")
                    || grant.channels.contains(channel)
                    || groups_of(channel)
                        .is_some_and(|groups| groups.iter().any(|group| may_group(group)))
            })
        };
        let refused = |names: &[String], may: &dyn Fn(&str) -> bool| {
            names
                .iter()
                .filter(|name| !may(name.strip_suffix("-pnpres").unwrap_or(name)))
                .cloned()
                .collect::<Vec<_>>()
        };
        let forbidden = Forbidden {
            channels: refused(channels, &may_channel),
            groups: refused(groups, &may_group),
        };
        if forbidden == Forbidden::default() {
            Ok(())
        } else {
            Err(forbidden)
        }
    }
}
