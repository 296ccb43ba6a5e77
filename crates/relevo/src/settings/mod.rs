//! The settings of a process: flags over environment over `relevo.toml` over defaults, parsed
//! into types and checked against each other. `docs/operations.md` has the table.

mod error;
mod layers;
mod masked;
mod master_key;
mod parse;
#[cfg(test)]
mod tests;

pub use error::SettingsError;
pub use layers::Source;
pub use masked::MaskedSetting;

use crate::cli::{Cli, Command};
use adapters::files::S3Address;
use adapters::mailer::{SmtpMailer, SmtpSetupError};
use adapters::telemetry::traces::Sample;
use adapters::vault::MasterKeys;
use domain::secret::Secret;
use layers::Layers;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use url::Url;

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatabaseKind {
    /// Embedded: one process only.
    Sqlite,
    /// Production.
    Postgres,
}

/// The database.
#[derive(Clone, Debug)]
pub struct DatabaseSettings {
    /// Which.
    pub kind: DatabaseKind,
    /// Its address, possibly with a password.
    pub url: Secret,
}

/// The queue between web and worker.
#[derive(Clone, Debug)]
pub enum QueueSettings {
    /// Inside this process.
    Memory,
    /// Between processes.
    Redis {
        /// Its address, possibly with a password.
        url: Secret,
    },
}

/// What happens to mails.
#[derive(Clone, Debug)]
pub enum MailSettings {
    /// No mail server: no mail is written, and nothing depends on one.
    Off,
    /// The demo without a mail server: kept and shown under `/outbox`.
    Kept,
    /// The worker sends them.
    Smtp {
        /// The server's address, possibly with a password.
        url: Secret,
        /// The sender, `Name <address@host>`.
        from: String,
    },
}

/// Where the platforms are. Base addresses without a slash at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlatformSettings {
    /// WhatsApp's Graph API, without a version.
    pub whatsapp: Url,
    /// Messenger's Graph API, without a version.
    pub messenger: Url,
    /// Instagram's Graph API, without a version.
    pub instagram: Url,
    /// Telegram's Bot API, without `/bot<token>`.
    pub telegram: Url,
    /// PubNub's origin.
    pub pubnub: Url,
}

/// Everything a process needs to know before it starts.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where to listen.
    pub listen: SocketAddr,
    /// The address under which the world reaches us.
    pub public_url: Url,
    /// Folder of the SQLite file, stored files and the generated master key.
    pub data_dir: PathBuf,
    /// The database.
    pub database: DatabaseSettings,
    /// The queue.
    pub queue: QueueSettings,
    /// The bucket for files of messages; none: the data folder.
    pub files: Option<S3Address>,
    /// The ring of master keys; `None` only for `doctor` before the first start.
    pub master_keys: Option<Arc<MasterKeys>>,
    /// Where the platforms are.
    pub platforms: PlatformSettings,
    /// Whether private, loopback and link-local addresses may be called.
    pub allow_private_network: bool,
    /// What happens to mails.
    pub mail: MailSettings,
    /// How many proxies of ours stand in front and add to `X-Forwarded-For`.
    pub behind_proxy: u8,
    /// The OpenTelemetry collector that traces are sent to.
    pub otlp_endpoint: Option<Url>,
    /// The share of messages that are traced.
    pub otlp_sample: Sample,
    /// Log level or directives.
    pub log: String,
    /// What is odd but no reason not to start, e.g. an unknown `RELEVO_` variable.
    pub warnings: Vec<String>,
    masked: Vec<MaskedSetting>,
}

impl Settings {
    /// Reads flags, environment and file. For `demo`, `all` and `migrate` on the default
    /// database a missing master key is generated and written into the data folder.
    ///
    /// # Errors
    /// [`SettingsError`], naming the setting and where it came from, without its value where
    /// that could be secret.
    pub fn load(cli: &Cli) -> Result<Self, SettingsError> {
        let environment = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Self::load_from(cli, &environment, Path::new("."))
    }

    /// As [`Settings::load`], with the environment and the working folder given.
    ///
    /// # Errors
    /// As [`Settings::load`].
    pub(crate) fn load_from(
        cli: &Cli,
        environment: &BTreeMap<String, String>,
        here: &Path,
    ) -> Result<Self, SettingsError> {
        let layers = Layers::read(&cli.flags, environment, here)?;
        let command = &cli.command;

        let listen: SocketAddr = layers.parse("listen", parse::listen)?;
        let public_url = match layers.optional("public_url", parse::base_url)? {
            Some(url) => url,
            None => parse::derived_url(listen).map_err(|why| layers.refuse("public_url", why))?,
        };
        let data_dir = here.join(layers.text("data_dir"));
        let database = match layers.optional("database_url", parse::database)? {
            Some(database) => database,
            None => DatabaseSettings {
                kind: DatabaseKind::Sqlite,
                url: Secret::new(format!(
                    "sqlite://{}?mode=rwc",
                    data_dir.join("relevo.db").display()
                )),
            },
        };
        let queue = match layers.optional("redis_url", parse::redis)? {
            Some(url) => QueueSettings::Redis { url },
            None => QueueSettings::Memory,
        };
        let files = layers.optional("files_url", parse::bucket)?;
        check_processes(command, &database, &queue)?;
        let master_keys = match layers.optional("master_key", parse::master_keys)? {
            Some(keys) => Some(Arc::new(keys)),
            None if layers.get("database_url").is_some() => {
                return Err(SettingsError::MasterKeyMissing);
            }
            None => master_key::from_file(&data_dir, generates(command))?.map(Arc::new),
        };
        let allow_private_network = layers
            .optional("allow_private_network", parse::switch)?
            .unwrap_or(*command == Command::Demo);

        Ok(Self {
            platforms: PlatformSettings {
                whatsapp: layers.parse("whatsapp_api", parse::base_url)?,
                messenger: layers.parse("messenger_api", parse::base_url)?,
                instagram: layers.parse("instagram_api", parse::base_url)?,
                telegram: layers.parse("telegram_api", parse::base_url)?,
                pubnub: layers.parse("pubnub_origin", parse::base_url)?,
            },
            mail: mail(&layers, command, &public_url)?,
            behind_proxy: layers.parse("behind_proxy", parse::proxies)?,
            otlp_endpoint: layers.optional("otlp_endpoint", parse::base_url)?,
            otlp_sample: layers.parse("otlp_sample", parse::sample)?,
            log: layers.text("log").to_owned(),
            warnings: layers.warnings(),
            masked: masked::list(
                &layers,
                &public_url,
                &database,
                master_keys.as_deref(),
                allow_private_network,
            ),
            listen,
            public_url,
            data_dir,
            database,
            queue,
            files,
            master_keys,
            allow_private_network,
        })
    }

    /// Every setting in force with its source, secrets masked, for `relevo doctor`.
    #[must_use]
    pub fn masked(&self) -> &[MaskedSetting] {
        &self.masked
    }
}

fn mail(
    layers: &Layers,
    command: &Command,
    public_url: &Url,
) -> Result<MailSettings, SettingsError> {
    let Some(url) = layers.optional("smtp_url", parse::smtp)? else {
        return Ok(match command {
            Command::Demo => MailSettings::Kept,
            _ => MailSettings::Off,
        });
    };
    let from = match layers.get("mail_from") {
        Some((from, _)) => from.to_owned(),
        None => default_sender(public_url),
    };
    // Refused here rather than with the first mail.
    match SmtpMailer::check(&url, &from) {
        Ok(()) => Ok(MailSettings::Smtp { url, from }),
        Err(error @ SmtpSetupError::Server) => Err(layers.refuse("smtp_url", error.to_string())),
        Err(error @ SmtpSetupError::Sender) => Err(layers.refuse("mail_from", error.to_string())),
    }
}

/// The sender where none is set. An address in numbers belongs to a trial on one machine.
fn default_sender(public_url: &Url) -> String {
    let host = public_url.domain().unwrap_or("localhost");
    format!("Relevo <no-reply@{host}>")
}

/// `doctor` changes nothing; `bench` has a key of its own.
fn generates(command: &Command) -> bool {
    !matches!(command, Command::Doctor | Command::Bench { .. })
}

/// One process may use what lives inside it; several need what lives between them.
fn check_processes(
    command: &Command,
    database: &DatabaseSettings,
    queue: &QueueSettings,
) -> Result<(), SettingsError> {
    if !matches!(command, Command::Web | Command::Worker) {
        return Ok(());
    }
    if database.kind == DatabaseKind::Sqlite {
        return Err(SettingsError::SqliteIsOneProcess);
    }
    match queue {
        QueueSettings::Memory => Err(SettingsError::RedisMissing),
        QueueSettings::Redis { .. } => Ok(()),
    }
}
