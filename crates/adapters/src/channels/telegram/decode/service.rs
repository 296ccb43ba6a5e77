//! Messages that Telegram itself writes into a chat.

use super::{Node, content};
use domain::message::Content;

/// Service messages and what they say to an agent.
const KNOWN: [(&str, &str); 13] = [
    ("pinned_message", "Fijó un mensaje"),
    ("write_access_allowed", "Permitió que el bot le escriba"),
    ("connected_website", "Entró en un sitio web con Telegram"),
    ("users_shared", "Compartió contactos de Telegram"),
    ("chat_shared", "Compartió un chat de Telegram"),
    (
        "message_auto_delete_timer_changed",
        "Cambió el borrado automático de mensajes",
    ),
    ("chat_background_set", "Cambió el fondo del chat"),
    ("boost_added", "Impulsó el chat"),
    ("gift", "Envió un regalo"),
    ("unique_gift", "Envió un regalo"),
    ("proximity_alert_triggered", "Alerta de proximidad"),
    ("refunded_payment", "Se le devolvió un pago"),
    ("passport_data", "Envió datos de Telegram Passport"),
];

/// Service messages of groups and topics.
const GROUP_ONLY: [&str; 11] = [
    "new_chat_members",
    "left_chat_member",
    "new_chat_title",
    "new_chat_photo",
    "delete_chat_photo",
    "group_chat_created",
    "supergroup_chat_created",
    "channel_chat_created",
    "migrate_from_chat_id",
    "chat_owner_left",
    "chat_owner_changed",
];

/// Whether Telegram wrote it.
pub(super) fn is_service(message: Node<'_>) -> bool {
    message.keys().any(|key| {
        KNOWN.iter().any(|(known, _)| *known == key)
            || GROUP_ONLY.contains(&key)
            || [
                "forum_topic_",
                "general_forum_topic_",
                "video_chat_",
                "giveaway",
            ]
            .iter()
            .any(|prefix| key.starts_with(prefix))
    })
}

/// A message of a private chat that is none of the usual kinds: a payment, a service message,
/// or something new.
pub(super) fn of(message: Node<'_>) -> Content {
    if let Some(payment) = message.get("successful_payment").some() {
        return Content::Order {
            summary: format!("Pago recibido: {}", amount(payment)),
        };
    }
    if let Some(invoice) = message.get("invoice").some() {
        let title = invoice.get("title").text().unwrap_or("factura");
        return Content::Order {
            summary: format!("{title}: {}", amount(invoice)),
        };
    }
    KNOWN
        .into_iter()
        .find(|(key, _)| message.get(key).exists())
        .map_or_else(
            || content::unsupported(message),
            |(code, text)| Content::Notice {
                code: code.to_owned(),
                text: text.to_owned(),
            },
        )
}

/// Amounts come in the smallest unit of the currency; Telegram's stars (`XTR`) and a few
/// currencies have no cents.
fn amount(payment: Node<'_>) -> String {
    let currency = payment.get("currency").text().unwrap_or_default();
    let total = payment.get("total_amount").integer().unwrap_or_default();
    if matches!(
        currency,
        "XTR" | "CLP" | "JPY" | "KRW" | "PYG" | "VND" | "UGX" | "ISK"
    ) {
        return format!("{total} {currency}").trim_end().to_owned();
    }
    let (whole, cents) = (total / 100, (total % 100).unsigned_abs());
    format!("{whole},{cents:02} {currency}")
        .trim_end()
        .to_owned()
}
