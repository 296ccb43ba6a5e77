//! What must never be said aloud: credentials anywhere outside the vault, and people's words in
//! logs, figures and Redis. Everything here speaks at debug level and meets every kind of trouble.

use crate::desk::Desk;
use crate::house::{Flavour, Part};
use crate::phone::Phone;
use crate::ring::contact_of;
use crate::world::World;
use domain::channel::ChannelKind;
use sandbox::fault::{Action, FaultRule, FaultService};
use sandbox::letstalk::Status;
use serde_json::Value;
use std::collections::BTreeMap;

const KINDS: [ChannelKind; 3] = [
    ChannelKind::Telegram,
    ChannelKind::WhatsApp,
    ChannelKind::Messenger,
];

/// Words that stand nowhere else.
const OF_CONTACT: &str = "tengoundolordemuelasatroz";
const OF_AGENT: &str = "tucuentatienesaldodeudor";
const OF_NOTE: &str = "ojoclienteconfama";
const OF_BOT: &str = "ofertaparapacientesatroces";
const FILE: &str = "radiografiadelpaciente.png";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn neither_secrets_nor_words_are_told_on_the_embedded_default() {
    nothing_is_told(Flavour::Embedded).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn neither_secrets_nor_words_are_told_in_production() {
    nothing_is_told(Flavour::Production).await;
}

async fn nothing_is_told(flavour: Flavour) {
    let world = World::start(flavour, &KINDS).await;
    let secrets = secrets(&world).await;
    assert!(secrets.len() > 12, "{}", secrets.len());
    for kind in KINDS {
        trouble(&world, kind, &secrets).await;
    }
    knock(&world, &secrets).await;

    let mut told = figures(&world).await;
    for part in [Part::Web, Part::Worker] {
        told.push((format!("{part:?}'s log"), world.house.log(part)));
    }
    let people = KINDS.map(contact_of).map(str::to_owned);
    let words = [OF_CONTACT, OF_AGENT, OF_NOTE, OF_BOT, FILE].map(str::to_owned);
    let mut forbidden = secrets.clone();
    forbidden.extend(words);
    forbidden.extend(people);
    let log = world.house.log(Part::Web);
    assert!(log.contains("DEBUG"), "everything is told: {log}");
    silent(&told, &forbidden);
    silent(&kept_in_redis(&world).await, &forbidden);
    let in_bytes = secrets.iter().map(|secret| {
        let bytes = secret.bytes();
        bytes.map(|byte| format!("{byte:02x}")).collect::<String>()
    });
    let at_rest_too: Vec<String> = secrets.iter().cloned().chain(in_bytes).collect();
    silent(&at_rest(&world).await, &at_rest_too);
}

/// A conversation in which everything goes wrong once.
async fn trouble(world: &World, kind: ChannelKind, secrets: &[String]) {
    let faults = &world.sandbox.core.faults;
    let (api, path) = match kind {
        ChannelKind::Telegram => (FaultService::Telegram, "sendMessage"),
        _ => (FaultService::Graph, "/messages"),
    };
    // What a server repeats of a request that it refuses.
    let echo = Action::Status {
        status: 500,
        headers: BTreeMap::new(),
        body: format!("no: {}", secrets.join(" ")),
        pad_to: 0,
        after: false,
    };
    let contact = contact_of(kind);
    let phone = world.phone(kind, contact);
    phone.says(&format!("hola, {OF_CONTACT}"));
    phone.sees("Soy el asistente").await;
    let desk_down = FaultRule::new(FaultService::LetsTalk, echo.clone()).method("POST");
    faults.add(desk_down.times(2));
    phone.says("quiero hablar con una persona");
    let desk = world.desk(contact).await;
    desk.joins();
    let mut actions = vec![echo];
    if kind == ChannelKind::Telegram {
        // Its addresses hold the token. Elsewhere a doubtful try waits for the platform's word.
        actions.extend([Action::ResetBefore, Action::Garbage { after: false }]);
    }
    for action in actions {
        faults.add(FaultRule::new(api, action).path(path).times(1));
    }
    desk.notes(OF_NOTE);
    desk.says(&format!("hola, {OF_AGENT}"));
    phone.sees(OF_AGENT).await;
    let (status, _) = phone.bot_says(OF_BOT).await;
    assert!((400..500).contains(&status), "{status}");
    let (cut, garbage) = (Action::ResetAfter, Action::Garbage { after: false });
    for action in [cut, garbage] {
        let rule = FaultRule::new(FaultService::LetsTalk, action).path("/messages");
        faults.add(rule.method("POST").times(1));
    }
    file(&phone, &desk).await;
    faults.add(FaultRule::new(FaultService::PubNub, Action::ResetAfter).times(2));
    desk.closes();
    desk.becomes(Status::Closed).await;
    phone.says(OF_CONTACT);
    phone.sees("Soy el asistente").await;
    faults.clear();
}

/// A file goes to the contact under a telling name.
async fn file(phone: &Phone<'_>, desk: &Desk<'_>) {
    phone.says(&format!("¿y la placa? {OF_CONTACT}"));
    desk.hears("¿y la placa?").await;
    let picture = crate::phone::sample("imagen.png")
        .load("imagen.png")
        .unwrap();
    desk.attaches(FILE, "image/png", picture.bytes.to_vec());
    phone
        .sees_file(&crate::phone::sample_hash("imagen.png"))
        .await;
}

/// Strangers at every door, with stolen pieces in their hands.
async fn knock(world: &World, secrets: &[String]) {
    let (http, url) = (world.http(), world.house.url());
    for line in &world.company.lines {
        let (kind, key) = (line.kind.name(), &line.public_key);
        for secret in secrets {
            let hook = http
                .post(format!("{url}/hooks/{kind}/{key}"))
                .header("x-telegram-bot-api-secret-token", format!("{secret}x"))
                .header("x-hub-signature-256", secret)
                .body(format!("{{\"{secret}\": \"{OF_CONTACT}\"}}"));
            assert_eq!(hook.send().await.unwrap().status(), 401);
        }
        let verify = http
            .get(format!("{url}/hooks/{kind}/{key}"))
            .query(&[("hub.mode", "subscribe"), ("hub.verify_token", &secrets[0])])
            .query(&[("hub.challenge", OF_CONTACT)]);
        verify.send().await.unwrap();
        for secret in secrets.iter().take(6) {
            let bot = http
                .post(format!(
                    "{url}/proxy/telegram/{key}/bot{secret}x/sendMessage"
                ))
                .json(&serde_json::json!({"chat_id": 1, "text": OF_BOT}));
            bot.send().await.unwrap();
            let graph = http
                .post(format!("{url}/proxy/graph/{key}/v25.0/me/messages"))
                .bearer_auth(secret)
                .query(&[("access_token", secret)])
                .body(OF_BOT);
            graph.send().await.unwrap();
        }
    }
    for secret in secrets {
        let call = http
            .get(format!("{url}/api/v1/conversations"))
            .bearer_auth(secret);
        call.send().await.unwrap();
        let link = http.get(format!("{url}/h/{secret}"));
        link.send().await.unwrap();
    }
}

/// Every credential that the company pasted or was given.
async fn secrets(world: &World) -> Vec<String> {
    let mut found = vec![world.company.password.clone()];
    let tenant = world.company.tenant;
    for line in &world.company.lines {
        let open = world.parts.accounts.channel(tenant, line.channel).await;
        collect(&open.unwrap().credentials.to_sealable(), "", &mut found);
    }
    let desk = world.parts.accounts.desk(tenant).await.unwrap();
    let mut of_desk = Vec::new();
    collect(&desk.credentials.to_sealable(), "", &mut of_desk);
    found.extend(of_desk);
    let settings = std::fs::read_to_string(world.house.file()).unwrap();
    let master = settings.lines().find_map(|line| {
        let key = line.strip_prefix("master_key = \"")?;
        key.strip_suffix('"')
    });
    found.push(master.unwrap().to_owned());
    found
}

fn collect(value: &Value, name: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(n, v)| collect(v, n, found)),
        Value::Array(list) => list.iter().for_each(|v| collect(v, name, found)),
        Value::String(text) if ["token", "secret", "key"].iter().any(|w| name.contains(w)) => {
            found.push(text.clone());
        }
        _ => {}
    }
}

async fn figures(world: &World) -> Vec<(String, String)> {
    let answer = world
        .http()
        .get(format!("{}/metrics", world.house.url()))
        .send();
    let text = answer.await.unwrap().text().await.unwrap();
    assert!(text.contains("relevo_"), "{text}");
    vec![("the figures".to_owned(), text)]
}

/// All keys and values.
async fn kept_in_redis(world: &World) -> Vec<(String, String)> {
    let Some(server) = &world.house.redis else {
        return Vec::new();
    };
    let client = redis::Client::open(server.url()).unwrap();
    let mut link = client.get_multiplexed_async_connection().await.unwrap();
    let keys: Vec<String> = redis::cmd("KEYS")
        .arg("*")
        .query_async(&mut link)
        .await
        .unwrap();
    assert!(!keys.is_empty());
    let mut all = Vec::new();
    for key in keys {
        let kind: String = redis::cmd("TYPE")
            .arg(&key)
            .query_async(&mut link)
            .await
            .unwrap();
        let read = match kind.as_str() {
            "string" => redis::cmd("GET").arg(&key).to_owned(),
            "hash" => redis::cmd("HGETALL").arg(&key).to_owned(),
            "stream" => redis::cmd("XRANGE").arg(&key).arg("-").arg("+").to_owned(),
            "zset" => redis::cmd("ZRANGE").arg(&key).arg(0).arg(-1).to_owned(),
            "set" => redis::cmd("SMEMBERS").arg(&key).to_owned(),
            "list" => redis::cmd("LRANGE").arg(&key).arg(0).arg(-1).to_owned(),
            // It ended meanwhile.
            _ => continue,
        };
        let value: redis::Value = read.query_async(&mut link).await.unwrap();
        all.push((format!("Redis {key}"), format!("{key} {value:?}")));
    }
    all
}

/// Every text in every table, as somebody with a copy of the database reads it.
async fn at_rest(world: &World) -> Vec<(String, String)> {
    use sea_orm::ConnectionTrait as _;
    let url = world.house.database_url.as_str();
    let database = sea_orm::Database::connect(url).await.unwrap();
    let backend = database.get_database_backend();
    let list = match world.house.flavour {
        Flavour::Embedded => "select name from sqlite_master where type = 'table'",
        Flavour::Production => {
            "select table_name as name from information_schema.tables where table_schema = 'public'"
        }
    };
    let of = |text: String| sea_orm::Statement::from_string(backend, text);
    let tables = database.query_all_raw(of(list.to_owned())).await.unwrap();
    assert!(tables.len() > 20, "{}", tables.len());
    let mut all = Vec::new();
    for table in tables {
        let name: String = table.try_get("", "name").unwrap();
        let text = match world.house.flavour {
            Flavour::Embedded => columns_of_sqlite(&database, &name).await,
            Flavour::Production => format!("select t::text as whole from \"{name}\" t"),
        };
        let rows = database.query_all_raw(of(text)).await.unwrap();
        let whole = rows
            .iter()
            .filter_map(|row| row.try_get::<Option<String>>("", "whole").unwrap());
        all.push((
            format!("table {name}"),
            whole.collect::<Vec<_>>().join("\n"),
        ));
    }
    database.close().await.unwrap();
    all
}

/// One text of all columns of a row, bytes as hexadecimal digits, which are searched in lower case.
async fn columns_of_sqlite(database: &sea_orm::DatabaseConnection, table: &str) -> String {
    use sea_orm::ConnectionTrait as _;
    let list = format!("select name from pragma_table_info('{table}')");
    let list = sea_orm::Statement::from_string(database.get_database_backend(), list);
    let columns = database.query_all_raw(list).await.unwrap();
    let texts = columns.iter().map(|column| {
        let name: String = column.try_get("", "name").unwrap();
        format!("lower(quote(\"{name}\")) || ' ' || quote(\"{name}\")")
    });
    let whole = texts.collect::<Vec<_>>().join(" || ' ' || ");
    format!("select {whole} as whole from \"{table}\"")
}

#[track_caller]
fn silent(places: &[(String, String)], forbidden: &[String]) {
    for (place, text) in places {
        for (n, word) in forbidden.iter().enumerate() {
            if let Some(at) = text.find(word.as_str()) {
                let (from, to) = (at.saturating_sub(300), (at + 200).min(text.len()));
                let around = String::from_utf8_lossy(&text.as_bytes()[from..to]);
                panic!("{place} tells forbidden word {n}, «{word}»:\n{around}");
            }
        }
    }
}

/// Silence proves something only where the search finds what is there.
#[test]
#[should_panic(expected = "a log tells forbidden word 1")]
fn what_is_told_is_found() {
    let told = [("a log".to_owned(), "x secret y".to_owned())];
    silent(&told, &["none".to_owned(), "secret".to_owned()]);
}
