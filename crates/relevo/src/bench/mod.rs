//! What Relevo costs: `pages` opens every page of a filled database, `load` sends messages through
//! running processes.

pub mod chance;
pub mod load;
pub mod pages;
