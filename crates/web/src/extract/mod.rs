//! Who asks, for which tenant, and whether a form is ours.

mod fields;
mod member;
mod posted;
mod viewing;
mod visitor;

pub use fields::{Fields, Form};
pub use member::{Host, Manager, Member, Operator, Owner, known};
pub use posted::Posted;
pub use viewing::VIEWING;
pub use visitor::{Flash, THEME_COOKIE, Visitor, own_path};
