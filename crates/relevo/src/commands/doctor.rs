//! `relevo doctor`: the settings in force, secrets masked, and whether what they point to
//! answers.

use crate::parts::open_store;
use crate::settings::{MailSettings, QueueSettings, Settings};
use adapters::clock::SystemClock;
use adapters::mailer::SmtpMailer;
use adapters::queue::{RedisQueue, RedisQueueOptions};
use domain::ports::Queue as _;
use std::sync::Arc;

pub(super) async fn run(settings: Settings) -> anyhow::Result<()> {
    println!("Settings in force");
    for setting in settings.masked() {
        println!(
            "  {:<32} {:<44} {:?}",
            setting.variable, setting.value, setting.source
        );
    }
    for warning in &settings.warnings {
        println!("  ! {warning}");
    }
    println!("\nChecks");
    let database = async {
        let store = open_store(&settings).await?;
        store.ping().await?;
        let pending = store.pending_migrations().await?;
        anyhow::ensure!(
            pending == 0,
            "{pending} migrations wait: run `relevo migrate`"
        );
        anyhow::Ok(())
    };
    let queue = async {
        match &settings.queue {
            QueueSettings::Memory => Ok(()),
            QueueSettings::Redis { url } => {
                let options = RedisQueueOptions::default();
                let queue = RedisQueue::open(url.expose(), &options, Arc::new(SystemClock))?;
                queue.ping().await?;
                anyhow::Ok(())
            }
        }
    };
    let keys = match &settings.master_keys {
        Some(_) => Ok(()),
        None => Err(anyhow::anyhow!(
            "no master key yet: made at the first start"
        )),
    };
    let mail = async {
        match &settings.mail {
            MailSettings::Smtp { url, from } => {
                SmtpMailer::new(url, from)?.greet().await?;
                let (waiting, _) = open_store(&settings).await?.mails_waiting().await?;
                println!("  {waiting} mails wait");
                anyhow::Ok(())
            }
            MailSettings::Off | MailSettings::Kept => Ok(()),
        }
    };
    let results = [
        ("database", database.await),
        ("queue", queue.await),
        ("master key", keys),
        ("mail server", mail.await),
    ];
    let mut failed = 0;
    for (what, result) in results {
        match result {
            Ok(()) => println!("  ok      {what}"),
            Err(error) => {
                failed += 1;
                println!("  FAILED  {what}: {error:#}");
            }
        }
    }
    anyhow::ensure!(failed == 0, "{failed} checks failed");
    Ok(())
}
