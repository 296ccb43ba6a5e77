//! The demo's company: a tenant with a line on every platform, a desk, a bot and its rules, all on
//! the simulators. End-to-end tests build their companies with the same steps.

mod company;
mod line;

pub use company::{Company, company};
pub use line::{Line, connect};
