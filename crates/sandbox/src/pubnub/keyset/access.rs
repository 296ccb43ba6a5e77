//! Which channels a group holds, and which auth key may use what.

use std::collections::BTreeSet;

use super::super::grants::{Forbidden, Grant};
use super::Keyset;

impl Keyset {
    /// Puts channels into a group; what they receive from now on reaches the group's subscribers.
    pub fn add_to_group(&self, group: &str, channels: &[String]) {
        let mut state = self.lock();
        for channel in channels {
            state
                .members
                .entry(group.to_owned())
                .or_default()
                .insert(channel.clone());
            state
                .groups_of
                .entry(channel.clone())
                .or_default()
                .insert(group.to_owned());
        }
    }

    /// Takes channels out of a group.
    pub fn remove_from_group(&self, group: &str, channels: &[String]) {
        let mut state = self.lock();
        for channel in channels {
            if let Some(members) = state.members.get_mut(group) {
                members.remove(channel);
            }
            if let Some(groups) = state.groups_of.get_mut(channel) {
                groups.remove(group);
                if groups.is_empty() {
                    state.groups_of.remove(channel);
                }
            }
        }
        if state.members.get(group).is_some_and(BTreeSet::is_empty) {
            state.members.remove(group);
        }
    }

    /// The channels of a group, in alphabetical order.
    #[must_use]
    pub fn group(&self, group: &str) -> Vec<String> {
        self.lock()
            .members
            .get(group)
            .map_or_else(Vec::new, |members| members.iter().cloned().collect())
    }

    /// The names of all groups that hold something.
    #[must_use]
    pub fn group_names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.lock().members.keys().cloned().collect();
        names.sort();
        names
    }

    /// Lets an auth key use more.
    pub fn grant(&self, auth: &str, grant: Grant) {
        self.lock().grants.add(auth, grant);
    }

    /// Takes all grants of an auth key away; answers whether it had any.
    pub fn revoke(&self, auth: &str) -> bool {
        self.lock().grants.revoke(auth)
    }

    /// Whether the auth key may use these; always when Access Manager is off.
    ///
    /// # Errors
    /// What it may not use.
    pub fn check(
        &self,
        auth: &str,
        channels: &[String],
        groups: &[String],
    ) -> Result<(), Forbidden> {
        let state = self.lock();
        if !state.settings.access_manager {
            return Ok(());
        }
        state
            .grants
            .check(auth, channels, groups, |name| state.groups_of.get(name))
    }
}
