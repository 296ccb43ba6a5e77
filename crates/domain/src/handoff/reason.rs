//! Why a handoff began and why it ended.

use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// Every value, in the order of the design.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stored name, also used in the API and in figures.
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
    /// Why a handoff began.
    HandoffReason {
        /// The contact asked for a person in words a rule knows.
        UserRequest = "user_request",
        /// A keyword rule matched.
        Keyword = "keyword",
        /// The bot did not understand several times in a row.
        FallbackCount = "fallback_count",
        /// The bot asked through the API.
        BotApi = "bot_api",
        /// The bot asked by a marker in its own text.
        BotMessage = "bot_message",
        /// The bot said how sure it was, and that was too little.
        LowConfidence = "low_confidence",
        /// The bot's endpoint stayed down.
        BotUnavailable = "bot_unavailable",
        /// A rule on business hours.
        Schedule = "schedule",
        /// A member pressed the button.
        Manual = "manual",
        /// A human answered in the platform's own app.
        ExternalTakeover = "external_takeover",
    }
}

words! {
    /// Why a handoff ended.
    EndReason {
        /// The agent closed the conversation.
        AgentClosed = "agent_closed",
        /// The contact ended it, or left the channel.
        UserEnded = "user_ended",
        /// Nobody took it in time.
        NoAgentTimeout = "no_agent_timeout",
        /// The agent fell silent.
        AgentInactive = "agent_inactive",
        /// The contact fell silent.
        UserInactive = "user_inactive",
        /// Nobody is there at this hour.
        OutOfHours = "out_of_hours",
        /// The platform no longer lets us write.
        ChannelWindowClosed = "channel_window_closed",
        /// A member gave the contact back to the bot.
        OperatorForced = "operator_forced",
        /// Let's Talk refused it or stayed down.
        Error = "error",
    }
}
