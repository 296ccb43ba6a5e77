use super::*;
use clap::Parser;
use std::os::unix::fs::PermissionsExt;
use tempfile::TempDir;

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const PG: &str = "postgres://relevo:s3cret@db/relevo";
const REDIS: &str = "redis://:pa55@cache:6379/1";

fn load(
    folder: &TempDir,
    line: &str,
    variables: &[(&str, &str)],
) -> Result<Settings, SettingsError> {
    let cli = Cli::parse_from(format!("relevo {line}").split(' '));
    let environment = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    Settings::load_from(&cli, &environment, folder.path())
}

fn refused(line: &str, variables: &[(&str, &str)]) -> String {
    let folder = TempDir::new().unwrap();
    load(&folder, line, variables).unwrap_err().to_string()
}

#[test]
fn without_any_setting_one_process_runs_on_the_data_folder() {
    let folder = TempDir::new().unwrap();
    let settings = load(&folder, "all", &[]).unwrap();
    assert_eq!(settings.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(settings.public_url.as_str(), "http://127.0.0.1:8080/");
    assert_eq!(settings.database.kind, DatabaseKind::Sqlite);
    assert!(
        settings
            .database
            .url
            .expose()
            .ends_with("/data/relevo.db?mode=rwc")
    );
    assert!(matches!(settings.queue, QueueSettings::Memory));
    assert_eq!(
        settings.platforms.telegram.as_str(),
        "https://api.telegram.org/"
    );
    assert!(!settings.allow_private_network);
    assert_eq!(settings.log, "info");
    assert!(load(&folder, "demo", &[]).unwrap().allow_private_network);
}

#[test]
fn flags_win_over_the_environment_over_the_file_over_defaults() {
    let folder = TempDir::new().unwrap();
    std::fs::write(
        folder.path().join("relevo.toml"),
        "listen = \"0.0.0.0:1\"\nlog = \"warn\"\nallow_private_network = true\ndata_dir = \"d\"\n",
    )
    .unwrap();
    let variables = [
        ("RELEVO_LISTEN", "0.0.0.0:2"),
        ("RELEVO_LOG", "debug"),
        ("RELEVO_SMTP_URL", " "),
    ];
    let settings = load(&folder, "all --listen 0.0.0.0:3", &variables).unwrap();
    assert_eq!(settings.listen.port(), 3);
    assert_eq!(settings.public_url.as_str(), "http://127.0.0.1:3/");
    assert_eq!(settings.log, "debug");
    assert!(settings.allow_private_network);
    assert!(
        matches!(settings.mail, MailSettings::Off),
        "an empty variable is not set"
    );
    let source = |name: &str| {
        let found = settings.masked().iter().find(|s| s.variable == name);
        found.unwrap().source.clone()
    };
    assert_eq!(source("RELEVO_LISTEN"), Source::Flag);
    assert_eq!(source("RELEVO_LOG"), Source::Environment);
    assert_eq!(
        source("RELEVO_DATA_DIR"),
        Source::File("relevo.toml".into())
    );
    assert_eq!(source("RELEVO_TELEGRAM_API"), Source::Default);
}

#[test]
fn a_production_setup_shows_no_secret_to_the_doctor() {
    let folder = TempDir::new().unwrap();
    let variables = [
        ("RELEVO_DATABASE_URL", PG),
        ("RELEVO_REDIS_URL", REDIS),
        ("RELEVO_SMTP_URL", "smtps://u:mailpw@mail?x=tokentoken"),
        ("RELEVO_MASTER_KEY", &format!("b:{KEY},a:{KEY}")),
        ("RELEVO_LISTENN", "typo"),
        ("RELEVO_TEST_PG_URL", "x"),
    ];
    let settings = load(&folder, "web", &variables).unwrap();
    assert_eq!(settings.database.url.expose(), PG);
    assert!(matches!(&settings.queue, QueueSettings::Redis { url } if url.expose() == REDIS));
    assert_eq!(
        settings.warnings,
        ["RELEVO_LISTENN is set but there is no such setting"]
    );
    let shown = format!("{:?} {settings:?}", settings.masked());
    for secret in ["s3cret", "pa55", "mailpw", "tokentoken", &KEY[..8]] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
    assert!(
        shown.contains("postgres://relevo:••••@db/relevo"),
        "{shown}"
    );
    assert!(shown.contains("b:••••,a:••••"), "{shown}");
    assert!(!folder.path().join("data").exists(), "nothing is generated");
}

#[test]
fn separate_processes_need_postgres_and_redis() {
    for command in ["web", "worker"] {
        assert!(refused(command, &[]).contains("RELEVO_DATABASE_URL"));
        let variables = [("RELEVO_DATABASE_URL", PG), ("RELEVO_MASTER_KEY", KEY)];
        assert!(refused(command, &variables).contains("RELEVO_REDIS_URL"));
    }
}

#[test]
fn a_database_of_ones_own_needs_a_key_of_ones_own() {
    for url in [PG, "sqlite://other.db"] {
        let why = refused("migrate", &[("RELEVO_DATABASE_URL", url)]);
        assert!(why.contains("RELEVO_MASTER_KEY is missing"), "{why}");
    }
}

#[test]
fn the_generated_key_is_kept_for_its_owner_only() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("data/master.key");
    let looked = load(&folder, "doctor", &[]).unwrap();
    assert!(
        looked.master_keys.is_none() && !file.exists(),
        "the doctor changes nothing"
    );
    load(&folder, "demo", &[]).unwrap();
    let key = std::fs::read_to_string(&file).unwrap();
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    load(&folder, "all", &[]).unwrap();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), key);
    assert_eq!(
        std::fs::read_dir(folder.path().join("data"))
            .unwrap()
            .count(),
        1
    );
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let why = load(&folder, "all", &[]).unwrap_err().to_string();
    assert!(why.contains("others may read it (mode 644)"), "{why}");
}

#[test]
fn what_cannot_be_read_is_named_without_repeating_secrets() {
    for (name, value, words) in [
        ("RELEVO_LISTEN", "8080", "not an address and a port"),
        ("RELEVO_PUBLIC_URL", "relevo.example", "not an address"),
        (
            "RELEVO_PUBLIC_URL",
            "ftp://relevo.example",
            "http:// or https://",
        ),
        ("RELEVO_TELEGRAM_API", "https://h/?a=b", "must not have a ?"),
        (
            "RELEVO_DATABASE_URL",
            "mysql://u:topsecret@h/d",
            "postgres:// or sqlite://",
        ),
        (
            "RELEVO_REDIS_URL",
            "http://u:topsecret@h",
            "redis:// or rediss://",
        ),
        ("RELEVO_SMTP_URL", "topsecret", "not an address"),
        (
            "RELEVO_MASTER_KEY",
            "a:topsecret",
            "master key 1: not 32 bytes",
        ),
        (
            "RELEVO_ALLOW_PRIVATE_NETWORK",
            "maybe",
            "neither on nor off",
        ),
    ] {
        let why = refused("all", &[(name, value)]);
        assert!(why.starts_with(&format!("{name} (environment): ")), "{why}");
        assert!(why.contains(words) && !why.contains("topsecret"), "{why}");
    }
}

#[test]
fn a_broken_file_is_refused() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("relevo.toml");
    for (text, words) in [
        ("listne = \"x\"", "there is no setting listne"),
        (
            "database_url = \"postgres://u:topsecret",
            "this is not TOML",
        ),
        ("listen = [1]", "listen must be a text"),
    ] {
        std::fs::write(&file, text).unwrap();
        let why = load(&folder, "all", &[]).unwrap_err().to_string();
        assert!(why.contains(words) && !why.contains("topsecret"), "{why}");
    }
    let why = load(&folder, "all --config elsewhere.toml", &[]).unwrap_err();
    assert!(why.to_string().starts_with("elsewhere.toml: "), "{why}");
}

#[test]
fn mails_go_to_the_server_are_kept_in_the_demo_and_are_not_written_otherwise() {
    let folder = TempDir::new().unwrap();
    let smtp = ("RELEVO_SMTP_URL", "smtps://u:p@mail.example.com");
    let public = ("RELEVO_PUBLIC_URL", "https://relevo.example.com");
    let mail =
        |line: &str, variables: &[(&str, &str)]| load(&folder, line, variables).unwrap().mail;
    assert!(matches!(mail("all", &[]), MailSettings::Off));
    assert!(matches!(mail("demo", &[]), MailSettings::Kept));
    match mail("demo", &[smtp, public]) {
        MailSettings::Smtp { from, .. } => assert_eq!(from, "Relevo <no-reply@relevo.example.com>"),
        other => panic!("{other:?}"),
    }
    // A trial on one machine, whose public address has no name.
    assert!(matches!(mail("all", &[smtp]), MailSettings::Smtp { .. }));
    let wrong = refused("all", &[smtp, ("RELEVO_MAIL_FROM", "nobody")]);
    assert!(wrong.contains("RELEVO_MAIL_FROM"), "{wrong}");
}

#[test]
fn proxies_in_front_are_believed_only_when_they_are_counted() {
    let folder = TempDir::new().unwrap();
    let proxies = |value: &str| {
        let variables = [("RELEVO_BEHIND_PROXY", value)];
        load(&folder, "all", &variables).unwrap().behind_proxy
    };
    assert_eq!(
        (proxies(""), proxies("off"), proxies("on"), proxies("2")),
        (0, 0, 1, 2)
    );
    let wrong = refused("all", &[("RELEVO_BEHIND_PROXY", "maybe")]);
    assert!(wrong.contains("RELEVO_BEHIND_PROXY"), "{wrong}");
}
