//! The [`Queue`](domain::ports::Queue) port, twice: [`MemoryQueue`] inside one process,
//! [`RedisQueue`] between any number of them. One contract suite holds both to the same
//! behaviour.
//!
//! # Melting
//!
//! Wake-ups of one lane that nobody has taken yet are one wake-up: the worker that takes it
//! reads the lane from the database and finds everything. A wake-up that comes after the take,
//! while the lane is being worked on, is a new one and is delivered on its own, so nothing
//! written during the work stays lying.
//!
//! Delayed wake-ups of one lane melt only when they are for the same millisecond.

mod memory;
mod redis;

pub use self::memory::MemoryQueue;
pub use self::redis::{RedisQueue, RedisQueueOptions};
