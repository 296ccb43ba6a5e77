//! The command line.

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Routes conversations between a company's bot and its people.
#[derive(Clone, Debug, Parser)]
#[command(name = "relevo", version, about)]
pub struct Cli {
    /// What to run.
    #[command(subcommand)]
    pub command: Command,
    /// Settings given as flags; they win over the environment and the file.
    #[command(flatten)]
    pub flags: Flags,
}

/// What to run.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Everything in one process with simulators of all platforms, to try Relevo out
    Demo,
    /// Web and worker in one process
    All,
    /// Pages, webhooks, the send proxy and the REST API
    Web,
    /// Subscriptions, outbound delivery and timers
    Worker,
    /// Bring the database up to date, then end
    Migrate,
    /// Show the settings in force and check what they point to
    Doctor,
    /// Measure what Relevo costs, on a database of its own
    Bench(BenchArgs),
    /// Say who of the company that hosts Relevo sees all tenants; let somebody back in
    Admin {
        /// What to do.
        #[command(subcommand)]
        what: Admin,
    },
}

/// What `relevo admin` does. Whoever can run it can read the database anyway.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum Admin {
    /// Make the member with this address an operator
    Grant {
        /// The address they log in with.
        email: String,
    },
    /// Make an operator a plain member again
    Revoke {
        /// The address they log in with.
        email: String,
    },
    /// List the operators
    List,
    /// Say that the database comes from a backup, before anything is started on it: what waits may
    /// have gone out since, and is looked for before it is sent
    Restored,
    /// Print a link with which a member sets a new password, good once and for an hour: for
    /// installations that send no mail
    ResetLink {
        /// The address they log in with.
        email: String,
    },
}

/// What `relevo bench` measures: without a command of its own, workloads.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct BenchArgs {
    /// Something else than workloads.
    #[command(subcommand)]
    pub what: Option<Bench>,
    /// Which workloads.
    #[command(flatten)]
    pub load: BenchLoad,
}

/// What else `relevo bench` measures.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum Bench {
    /// Bytes, SQL statements and time to the first byte of every main page
    Pages(BenchPages),
    /// The simulators of the workloads, which start them by themselves
    #[command(hide = true)]
    Far {
        /// Where to answer.
        #[arg(long)]
        at: std::net::SocketAddr,
        /// Where to answer over TLS besides.
        #[arg(long, requires = "papers")]
        tls: Option<std::net::SocketAddr>,
        /// The folder with the certificate.
        #[arg(long)]
        papers: Option<PathBuf>,
    },
    /// Bare long polls at the simulators, to compare with
    #[command(hide = true)]
    Hold {
        /// Where the simulators answer.
        #[arg(long)]
        at: String,
        /// How many.
        #[arg(long)]
        polls: usize,
    },
}

/// Which workloads are run, on what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
pub struct BenchLoad {
    /// W1 to W7 and W9, several with commas [default: all of them]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub workload: Vec<String>,
    /// A PostgreSQL database beside which others may be made: web and worker as processes of their
    /// own; needs --redis
    /// [default: one process on SQLite]
    #[arg(long, value_name = "URL", requires = "redis")]
    pub database: Option<String>,
    /// A Redis of the benchmark's own; it is emptied
    #[arg(long, value_name = "URL", requires = "database")]
    pub redis: Option<String>,
    /// Also write the figures to this file, as JSON; without a name, print JSON instead of a table
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "-")]
    pub json: Option<PathBuf>,
    /// Few messages: for the counts, not for the times
    #[arg(long)]
    pub quick: bool,
    /// How often everything is measured [default: 5]; the spread of the figures comes from it
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..100))]
    pub blocks: Option<u32>,
}

/// How pages are measured.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
pub struct BenchPages {
    /// How many messages the database is filled with [default: 100000]
    #[arg(long, value_name = "NUMBER")]
    pub messages: Option<usize>,
    /// An empty database, or one that this command filled before [default: a new SQLite file,
    /// removed at the end]
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
    /// Also write what was measured to this file, as JSON
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Few messages and few tries: for the counts, not for the times
    #[arg(long)]
    pub quick: bool,
}

/// One flag per setting of `docs/operations.md`. The master key has none on purpose: every
/// user of a machine can read the command lines of its processes.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Settings")]
pub struct Flags {
    /// Settings file [env: RELEVO_CONFIG] [default: relevo.toml if it is there]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Where to listen [env: RELEVO_LISTEN] [default: 127.0.0.1:8080]
    #[arg(long, global = true, value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,
    /// The address under which the world reaches us [env: RELEVO_PUBLIC_URL]
    #[arg(long, global = true, value_name = "URL")]
    pub public_url: Option<String>,
    /// Folder of the SQLite file, stored files and the generated master key
    /// [env: RELEVO_DATA_DIR] [default: ./data]
    #[arg(long, global = true, value_name = "FOLDER")]
    pub data_dir: Option<String>,
    /// sqlite://… or postgres://… [env: RELEVO_DATABASE_URL]
    #[arg(long, global = true, value_name = "URL")]
    pub database_url: Option<String>,
    /// redis://… or rediss://… [env: RELEVO_REDIS_URL]
    #[arg(long, global = true, value_name = "URL")]
    pub redis_url: Option<String>,
    /// WhatsApp's Graph API [env: RELEVO_WHATSAPP_API]
    #[arg(long, global = true, value_name = "URL")]
    pub whatsapp_api: Option<String>,
    /// Messenger's Graph API [env: RELEVO_MESSENGER_API]
    #[arg(long, global = true, value_name = "URL")]
    pub messenger_api: Option<String>,
    /// Instagram's Graph API [env: RELEVO_INSTAGRAM_API]
    #[arg(long, global = true, value_name = "URL")]
    pub instagram_api: Option<String>,
    /// Telegram's Bot API [env: RELEVO_TELEGRAM_API]
    #[arg(long, global = true, value_name = "URL")]
    pub telegram_api: Option<String>,
    /// PubNub's origin [env: RELEVO_PUBNUB_ORIGIN]
    #[arg(long, global = true, value_name = "URL")]
    pub pubnub_origin: Option<String>,
    /// Allow calls to private, loopback and link-local addresses
    /// [env: RELEVO_ALLOW_PRIVATE_NETWORK] [default: off; on for demo]
    #[arg(long, global = true, value_name = "on|off", num_args = 0..=1, default_missing_value = "on")]
    pub allow_private_network: Option<String>,
    /// smtp://… or smtps://… [env: RELEVO_SMTP_URL]
    #[arg(long, global = true, value_name = "URL")]
    pub smtp_url: Option<String>,
    /// The sender of mails: Name <address@host>
    /// [env: RELEVO_MAIL_FROM] [default: Relevo <no-reply@ and the public address's host>]
    #[arg(long, global = true, value_name = "SENDER")]
    pub mail_from: Option<String>,
    /// How many proxies of ours stand in front and add to X-Forwarded-For
    /// [env: RELEVO_BEHIND_PROXY] [default: off]
    #[arg(long, global = true, value_name = "off|on|NUMBER")]
    pub behind_proxy: Option<String>,
    /// OpenTelemetry collector for traces, OTLP over HTTP [env: RELEVO_OTLP_ENDPOINT]
    #[arg(long, global = true, value_name = "URL")]
    pub otlp_endpoint: Option<String>,
    /// The share of messages that are traced, 0 to 1 [env: RELEVO_OTLP_SAMPLE] [default: 1]
    #[arg(long, global = true, value_name = "SHARE")]
    pub otlp_sample: Option<String>,
    /// Log level or directives [env: RELEVO_LOG] [default: info]
    #[arg(long, global = true, value_name = "FILTER")]
    pub log: Option<String>,
}

impl Flags {
    /// The flag of a setting, by the setting's name (`database_url`).
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        match name {
            "listen" => &self.listen,
            "public_url" => &self.public_url,
            "data_dir" => &self.data_dir,
            "database_url" => &self.database_url,
            "redis_url" => &self.redis_url,
            "whatsapp_api" => &self.whatsapp_api,
            "messenger_api" => &self.messenger_api,
            "instagram_api" => &self.instagram_api,
            "telegram_api" => &self.telegram_api,
            "pubnub_origin" => &self.pubnub_origin,
            "allow_private_network" => &self.allow_private_network,
            "smtp_url" => &self.smtp_url,
            "mail_from" => &self.mail_from,
            "behind_proxy" => &self.behind_proxy,
            "otlp_endpoint" => &self.otlp_endpoint,
            "otlp_sample" => &self.otlp_sample,
            "log" => &self.log,
            _ => &None,
        }
        .as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn flags_may_stand_behind_the_command() {
        let cli = Cli::parse_from([
            "relevo",
            "web",
            "--listen",
            "0.0.0.0:80",
            "--allow-private-network",
        ]);
        assert_eq!(cli.command, Command::Web);
        assert_eq!(cli.flags.get("listen"), Some("0.0.0.0:80"));
        assert_eq!(cli.flags.get("allow_private_network"), Some("on"));
        assert_eq!(cli.flags.get("master_key"), None);
    }
}
