//! relevo
fn main() {}
