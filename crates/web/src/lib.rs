//! Pages, channel webhooks, the send proxy and the REST API.
//!
//! [`serve`] takes the wired [`state::AppState`] and a bound listener. The way of a request:
//! [`app`] (route table and middleware) → [`extract`] (who asks, which tenant, is the form ours) →
//! [`pages`] (one folder per screen: `get`, `post`, `view`) → a template of the top-level
//! `templates` folder.

pub mod app;
pub mod assets;
pub mod extract;
pub mod i18n;
pub mod live;
pub mod pages;
pub mod security;
pub mod state;

pub use app::serve;
pub use state::AppState;

pub mod api;
pub mod edges;
pub mod hooks;
pub mod proxy;
