//! Who changed what: the words of the log that a tenant's admins read.

use crate::ids::{ApiKeyId, MemberId};
use crate::tenant::Member;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stored name; never changed once released.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// From the stored name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|v| v.name() == name)
            }
        }
    };
}

words! {
    /// What was done.
    Action {
        /// A line was connected.
        ChannelConnected = "channel.connected",
        /// A line's name or settings were changed.
        ChannelUpdated = "channel.updated",
        /// A line got other credentials.
        ChannelCredentials = "channel.credentials_changed",
        /// A line was disconnected.
        ChannelDisconnected = "channel.disconnected",
        /// Let's Talk was connected.
        DeskConnected = "desk.connected",
        /// The connection with Let's Talk was changed.
        DeskUpdated = "desk.updated",
        /// Let's Talk was disconnected.
        DeskDisconnected = "desk.disconnected",
        /// A rule was made.
        RuleCreated = "rule.created",
        /// A rule was changed.
        RuleUpdated = "rule.updated",
        /// A rule was switched on.
        RuleEnabled = "rule.enabled",
        /// A rule was switched off.
        RuleDisabled = "rule.disabled",
        /// A rule was removed.
        RuleRemoved = "rule.removed",
        /// The rules got another order.
        RulesReordered = "rules.reordered",
        /// Texts, hours, policy or the address for events were changed.
        SettingsUpdated = "settings.updated",
        /// An API key was made.
        ApiKeyCreated = "api_key.created",
        /// An API key was revoked.
        ApiKeyRevoked = "api_key.revoked",
        /// Somebody was invited.
        MemberInvited = "member.invited",
        /// An invitation was withdrawn.
        InvitationWithdrawn = "invitation.withdrawn",
        /// An invited person set their password and is a member now.
        MemberJoined = "member.joined",
        /// A member got another role.
        MemberRole = "member.role_changed",
        /// A member was removed.
        MemberRemoved = "member.removed",
        /// A member changed their password.
        MemberPassword = "member.password_changed",
        /// The host made a link with which a member sets a new password.
        MemberResetLink = "member.reset_link_made",
        /// A member switched the second factor on.
        MemberSecondFactorOn = "member.second_factor_on",
        /// A member switched the second factor off.
        MemberSecondFactorOff = "member.second_factor_off",
        /// A member made new recovery codes.
        MemberCodesRenewed = "member.recovery_codes_renewed",
        /// A member logged browsers out from afar.
        MemberLoginsEnded = "member.logins_ended",
        /// A member moved to another address.
        MemberEmail = "member.email_changed",
        /// A member chose another name or language.
        MemberProfile = "member.profile_changed",
        /// A conversation was handed over by hand.
        ConversationHandedOff = "conversation.handed_off",
        /// A handoff was ended by hand.
        ConversationEnded = "conversation.ended",
        /// The tags of a conversation were changed.
        ConversationTagged = "conversation.tagged",
        /// A note was written.
        ConversationNoted = "conversation.noted",
        /// A failed message was sent once more.
        MessageRetried = "message.retried",
        /// A failed message was given up.
        MessageDiscarded = "message.discarded",
        /// A contact was erased everywhere.
        ContactErased = "contact.erased",
        /// Everything of the tenant was downloaded.
        DataExported = "data.exported",
        /// How long contents are kept was changed.
        RetentionChanged = "retention.changed",
        /// The tenant is to be deleted.
        DeletionAsked = "tenant.deletion_asked",
        /// The tenant is not to be deleted after all.
        DeletionWithdrawn = "tenant.deletion_withdrawn",
        /// The host suspended the tenant.
        TenantSuspended = "tenant.suspended",
        /// The host lifted the suspension.
        TenantResumed = "tenant.resumed",
        /// The host changed the limits of the plan.
        LimitsChanged = "tenant.limits_changed",
        /// Somebody of the host began to look at the tenant's screens.
        ImpersonationBegun = "operator.entered",
        /// Somebody of the host ended looking at the tenant's screens.
        ImpersonationEnded = "operator.left",
    }
}

words! {
    /// The kind of thing that was changed.
    ObjectKind {
        /// A connected line.
        Channel = "channel",
        /// The Let's Talk connection.
        Desk = "desk",
        /// A routing rule.
        Rule = "rule",
        /// The tenant's settings.
        Settings = "settings",
        /// A key of the REST API.
        ApiKey = "api_key",
        /// A member or an invited person.
        Member = "member",
        /// A conversation.
        Conversation = "conversation",
        /// A contact.
        Contact = "contact",
        /// The tenant as a whole.
        Tenant = "tenant",
    }
}

/// Who changes something.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Actor {
    /// A member of the tenant.
    Member {
        /// Who.
        id: MemberId,
        /// As they were called then.
        name: String,
    },
    /// Somebody of the company that hosts Relevo.
    Operator {
        /// Who.
        id: MemberId,
        /// As they were called then.
        name: String,
    },
    /// The tenant's bot.
    ApiKey {
        /// Which key.
        id: ApiKeyId,
        /// As it was called then.
        name: String,
    },
    /// Relevo itself.
    #[default]
    System,
}

impl Actor {
    /// The stored name of its kind.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Member { .. } => "member",
            Self::Operator { .. } => "operator",
            Self::ApiKey { .. } => "api_key",
            Self::System => "system",
        }
    }

    /// As they were called then; empty for Relevo itself.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Member { name, .. } | Self::Operator { name, .. } | Self::ApiKey { name, .. } => {
                name
            }
            Self::System => "",
        }
    }
}

/// Who changes something, and from where.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct By {
    /// Who.
    pub actor: Actor,
    /// The network address that the request came from.
    pub address: Option<String>,
}

impl By {
    /// A member who acts for themselves, and from where.
    #[must_use]
    pub fn themselves(member: &Member, address: Option<&str>) -> Self {
        Self {
            actor: Actor::Member {
                id: member.id,
                name: member.name.clone(),
            },
            address: address.map(str::to_owned),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Action, ObjectKind};
    use std::collections::HashSet;

    #[test]
    fn every_stored_name_is_read_again_and_none_is_used_twice() {
        let mut seen = HashSet::new();
        for action in Action::ALL {
            assert_eq!(Action::from_name(action.name()), Some(*action));
            assert!(seen.insert(action.name()), "{}", action.name());
        }
        for kind in ObjectKind::ALL {
            assert_eq!(ObjectKind::from_name(kind.name()), Some(*kind));
        }
    }
}
