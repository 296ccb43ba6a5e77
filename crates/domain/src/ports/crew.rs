//! The workers that are alive, as the queue sees them: one heartbeat each, however many tenants
//! they serve. Who holds which tenant follows from this list alone, so that a change of hands needs
//! no word per tenant.

/// What a worker is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duty {
    /// Takes its share of the tenants.
    Working,
    /// Finishes what it has in hand and takes no tenants any more.
    Draining,
}

/// One living worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrewMember {
    /// Its name; new with every start of a process.
    pub name: String,
    /// The epoch in which it joined. Another number than before: it was given up for dead in
    /// between, and others may have taken over what was its own.
    pub joined: i64,
    /// Whether it takes tenants.
    pub duty: Duty,
}

/// All living workers at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Crew {
    /// Grows whenever somebody joins, begins to drain, leaves or dies; never below the time of day
    /// in milliseconds, so that it does not fall back when the queue was emptied. It is the fence:
    /// a write with an older number than the last one is refused.
    pub epoch: i64,
    /// Whether somebody who is missing here is dead. Not so for a while after the queue was
    /// emptied or could not be reached: then everybody is missing, and all of them live.
    pub settled: bool,
    /// In the order of their names.
    pub members: Vec<CrewMember>,
}

impl Crew {
    /// The entry of a worker.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&CrewMember> {
        self.members.iter().find(|member| member.name == name)
    }

    /// Whether somebody besides `name` takes tenants.
    #[must_use]
    pub fn has_others(&self, name: &str) -> bool {
        self.members
            .iter()
            .any(|member| member.name != name && member.duty == Duty::Working)
    }
}
