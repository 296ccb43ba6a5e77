//! WhatsApp, Messenger and Instagram.

mod errors;
mod http_account;
mod http_media;
mod http_messaging;
mod http_people;
mod http_send;
mod instagram;
mod messenger;
mod messenger_news;
mod properties;
mod render_messaging;
mod render_whatsapp;
mod server;
mod support;
mod verify;
mod whatsapp;
mod whatsapp_batch;
