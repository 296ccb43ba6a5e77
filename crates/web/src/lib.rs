//! Pages, channel webhooks, the send proxy and the REST API.
//!
//! [`serve`] takes the wired [`state::AppState`] and a bound listener. The way of a request:
//! [`app`] (route table and middleware) → [`extract`] (who asks, which tenant, is the form ours) →
//! [`pages`] (one folder per screen: `get`, `post`, `view`) → a template of the top-level
//! `templates` folder. What machines call is beside them: [`hooks`] (the platforms), [`proxy`] (the
//! bot's calls) and [`api`] (the bot's REST API), over what [`edges`] shares.

pub mod api;
pub mod app;
pub mod assets;
pub mod edges;
pub mod extract;
pub mod health;
pub mod hooks;
#[cfg(any(test, feature = "fuzzing"))]
pub mod hostile;
pub mod i18n;
pub mod live;
pub mod mail;
pub mod pages;
pub mod proxy;
pub mod security;
pub mod state;
mod unread;

pub use app::serve;
pub use state::AppState;
