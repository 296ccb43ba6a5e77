//! What `relevo doctor` shows.

use super::layers::{KNOWN, Layers, Source, variable};
use super::{DatabaseKind, DatabaseSettings};
use adapters::vault::MasterKeys;
use url::Url;

const HIDDEN: &str = "••••";

/// A setting in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaskedSetting {
    /// The variable, `RELEVO_…`.
    pub variable: String,
    /// The value, secrets masked.
    pub value: String,
    /// Where it comes from.
    pub source: Source,
}

/// All settings, in the order of the documentation.
pub(super) fn list(
    layers: &Layers,
    public_url: &Url,
    database: &DatabaseSettings,
    keys: Option<&MasterKeys>,
    allow_private_network: bool,
) -> Vec<MaskedSetting> {
    KNOWN
        .iter()
        .map(|known| {
            let given = layers.get(known.name);
            let value = match (known.name, given) {
                ("master_key", _) => keys.map_or("not generated yet".to_owned(), |keys| {
                    let ids: Vec<_> = keys.ids().map(|id| format!("{id}:{HIDDEN}")).collect();
                    ids.join(",")
                }),
                ("public_url", _) => public_url.to_string(),
                ("allow_private_network", _) => {
                    if allow_private_network { "on" } else { "off" }.to_owned()
                }
                ("database_url", _) if database.kind == DatabaseKind::Sqlite => {
                    database.url.expose().to_owned()
                }
                ("smtp_url", None) => {
                    "unset: no mails; addresses are not confirmed, passwords not reset".to_owned()
                }
                ("redis_url", None) => "unset: queue inside the process".to_owned(),
                ("files_url", None) => "unset: in the data folder".to_owned(),
                (_, None) => "unset".to_owned(),
                (_, Some((value, _))) => without_password(value),
            };
            MaskedSetting {
                variable: variable(known.name),
                value,
                source: given.map_or(Source::Default, |(_, source)| source.clone()),
            }
        })
        .collect()
}

/// Hides the password of an address, and the whole query (`?password=…` is possible there).
fn without_password(value: &str) -> String {
    let Ok(mut url) = Url::parse(value) else {
        return value.to_owned();
    };
    if !url.has_host() {
        return value.to_owned();
    }
    let hidden = url.password().is_none() || url.set_password(Some("hidden")).is_ok();
    if url.query().is_some() {
        url.set_query(Some("hidden"));
    }
    if hidden {
        let text = url.to_string();
        text.replace(":hidden@", &format!(":{HIDDEN}@"))
            .replace("?hidden", &format!("?{HIDDEN}"))
    } else {
        HIDDEN.to_owned()
    }
}
