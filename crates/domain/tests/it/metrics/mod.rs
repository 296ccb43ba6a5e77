//! The definitions of the figures.

mod build;
mod calendar;
mod oracle;
mod tables;
