//! Where a value comes from: flag, environment, file, default.

use super::SettingsError;
use crate::cli::Flags;
use config::{Config, File, FileFormat};
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// A setting's name and default.
pub(super) struct Known {
    /// The name in `relevo.toml`; the variable is `RELEVO_` and this in capitals.
    pub(super) name: &'static str,
    /// The fixed default; settings without one are unset or derived.
    pub(super) default: Option<&'static str>,
}

const fn known(name: &'static str, default: Option<&'static str>) -> Known {
    Known { name, default }
}

/// All settings, in the order of the documentation.
pub(super) const KNOWN: [Known; 19] = [
    known("listen", Some("127.0.0.1:8080")),
    known("public_url", None),
    known("data_dir", Some("./data")),
    known("database_url", None),
    known("redis_url", None),
    known("files_url", None),
    known("master_key", None),
    known("whatsapp_api", Some("https://graph.facebook.com")),
    known("messenger_api", Some("https://graph.facebook.com")),
    known("instagram_api", Some("https://graph.instagram.com")),
    known("telegram_api", Some("https://api.telegram.org")),
    known("pubnub_origin", Some("https://ps.pndsn.com")),
    known("allow_private_network", None),
    known("smtp_url", None),
    known("mail_from", None),
    known("behind_proxy", Some("off")),
    known("otlp_endpoint", None),
    known("otlp_sample", Some("1")),
    known("log", Some("info")),
];

const PREFIX: &str = "RELEVO_";

/// Variables with our prefix that are no settings: the file's place, and what tests use.
fn is_other(variable: &str) -> bool {
    variable == "RELEVO_CONFIG" || variable.starts_with("RELEVO_TEST_")
}

/// The variable of a setting.
pub(super) fn variable(name: &str) -> String {
    format!("{PREFIX}{}", name.to_ascii_uppercase())
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Command line.
    Flag,
    /// Environment.
    Environment,
    /// The settings file.
    File(PathBuf),
    /// Not set: default, or derived from other settings.
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => f.write_str("flag"),
            Self::Environment => f.write_str("environment"),
            Self::File(file) => write!(f, "{}", file.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// All values as text, with their sources.
pub(super) struct Layers {
    values: BTreeMap<&'static str, (String, Source)>,
    warnings: Vec<String>,
}

impl Layers {
    /// Puts the layers on top of each other. An empty value counts as not set, as compose
    /// files write it.
    pub(super) fn read(
        flags: &Flags,
        environment: &BTreeMap<String, String>,
        here: &Path,
    ) -> Result<Self, SettingsError> {
        let (file, in_file) = read_file(flags, environment, here)?;
        let mut values = BTreeMap::new();
        for Known { name, default } in KNOWN {
            let found = flags
                .get(name)
                .map(|value| (value, Source::Flag))
                .or_else(|| {
                    Some((
                        environment.get(&variable(name))?.as_str(),
                        Source::Environment,
                    ))
                })
                .filter(|(value, _)| !value.trim().is_empty())
                .or_else(|| Some((in_file.get(name)?.as_str(), Source::File(file.clone()))))
                .filter(|(value, _)| !value.trim().is_empty())
                .or_else(|| Some((default?, Source::Default)));
            if let Some((value, source)) = found {
                values.insert(name, (value.trim().to_owned(), source));
            }
        }
        let warnings = environment
            .keys()
            .filter(|key| key.starts_with(PREFIX) && !is_other(key))
            .filter(|key| !KNOWN.iter().any(|known| variable(known.name) == **key))
            .map(|key| format!("{key} is set but there is no such setting"))
            .collect();
        Ok(Self { values, warnings })
    }

    /// A value and its source.
    pub(super) fn get(&self, name: &str) -> Option<(&str, &Source)> {
        self.values
            .get(name)
            .map(|(value, source)| (value.as_str(), source))
    }

    /// A value that has a default.
    pub(super) fn text(&self, name: &str) -> &str {
        self.get(name).map_or("", |(value, _)| value)
    }

    /// A value that has a default, parsed.
    pub(super) fn parse<T>(
        &self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<T, SettingsError> {
        parse(self.text(name)).map_err(|why| self.refuse(name, why))
    }

    /// A value that may be unset, parsed.
    pub(super) fn optional<T>(
        &self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Option<T>, SettingsError> {
        self.get(name)
            .map(|(value, _)| parse(value).map_err(|why| self.refuse(name, why)))
            .transpose()
    }

    /// The error for a value.
    pub(super) fn refuse(&self, name: &str, why: String) -> SettingsError {
        SettingsError::Refused {
            variable: variable(name),
            from: self
                .get(name)
                .map_or(Source::Default, |(_, source)| source.clone()),
            why,
        }
    }

    /// What is odd.
    pub(super) fn warnings(&self) -> Vec<String> {
        self.warnings.clone()
    }
}

/// The settings file: the one that is named, or `relevo.toml` if it is there.
fn read_file(
    flags: &Flags,
    environment: &BTreeMap<String, String>,
    here: &Path,
) -> Result<(PathBuf, BTreeMap<String, String>), SettingsError> {
    let named = flags
        .config
        .clone()
        .or_else(|| environment.get("RELEVO_CONFIG").map(PathBuf::from))
        .filter(|file| !file.as_os_str().is_empty());
    let file = named
        .clone()
        .unwrap_or_else(|| PathBuf::from("relevo.toml"));
    let refuse = |why: String| SettingsError::File {
        file: file.clone(),
        why,
    };
    let text = match std::fs::read_to_string(here.join(&file)) {
        Ok(text) => text,
        Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
            return Ok((file, BTreeMap::new()));
        }
        Err(error) => return Err(refuse(error.to_string())),
    };
    // The parser's own words show the line with the fault, and a line may hold a password.
    let values: BTreeMap<String, config::Value> = Config::builder()
        .add_source(File::from_str(&text, FileFormat::Toml))
        .build()
        .and_then(Config::try_deserialize)
        .map_err(|_| refuse("this is not TOML of the form name = \"value\"".to_owned()))?;
    let mut texts = BTreeMap::new();
    for (name, value) in values {
        if !KNOWN.iter().any(|known| known.name == name) {
            return Err(SettingsError::UnknownName { file, name });
        }
        let text = value
            .into_string()
            .map_err(|_| refuse(format!("{name} must be a text, a number or a truth value")))?;
        texts.insert(name, text);
    }
    Ok((file, texts))
}
