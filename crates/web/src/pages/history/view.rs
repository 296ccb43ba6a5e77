//! What the history page shows.

use crate::pages::conversations::thread::MessageView;
use crate::pages::shell::Shell;
use askama::Template;

#[derive(Template)]
#[template(path = "history.html")]
pub(crate) struct HistoryPage {
    pub s: Shell,
    pub kind: &'static str,
    pub contact: String,
    pub channel: String,
    pub expires: String,
    pub older: Option<String>,
    pub newest: Option<String>,
    pub messages: Vec<MessageView>,
}
