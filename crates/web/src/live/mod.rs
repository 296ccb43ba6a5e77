//! Pages that change while they are open, by server-sent events. A note on the queue says that
//! something changed; what changed is read from the database, where the truth is.

pub mod conversation;
pub mod conversations;
pub(crate) mod stream;
