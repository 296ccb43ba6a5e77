//! `relevo doctor`: the settings in force, secrets masked, and whether what they point to
//! answers.

use crate::parts::{files, open_store};
use crate::settings::{MailSettings, QueueSettings, Settings};
use crate::traces::collector;
use adapters::clock::SystemClock;
use adapters::mailer::SmtpMailer;
use adapters::net::{Http, NetPolicy};
use adapters::queue::{RedisQueue, RedisQueueOptions};
use adapters::store::Store;
use domain::ports::{Clock, Queue as _};
use std::sync::Arc;
use std::time::Duration;

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
        let schema = store.schema().await?;
        schema.fits()?;
        if let Some(newest) = schema.unknown.last() {
            println!("  a newer version has added to the database ({newest})");
        }
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
    let files = async {
        let http = Http::new(NetPolicy {
            allow_private_network: settings.allow_private_network,
        })?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        files(&settings, &http, &clock).ping().await?;
        anyhow::Ok(())
    };
    let keys = match &settings.master_keys {
        Some(_) => Ok(()),
        None => Err(anyhow::anyhow!(
            "no master key yet: made at the first start"
        )),
    };
    let books = async {
        let store = open_store(&settings).await?;
        books(&store).await
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
    let traces = async {
        match collector(&settings)? {
            Some(collector) => Ok(collector.ping().await?),
            None => Ok(()),
        }
    };
    let results = [
        ("database", database.await),
        ("books", books.await),
        ("queue", queue.await),
        ("files", files.await),
        ("master key", keys),
        ("mail server", mail.await),
        ("traces", traces.await),
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

/// Whether everything that was accepted in the last 7 days was delivered, refused, has failed with
/// a reason, or waits for its next try.
async fn books(store: &Store) -> anyhow::Result<()> {
    let since = SystemClock.now().before(Duration::from_secs(7 * 86_400));
    let mut odd = Vec::new();
    for tenant in store.tenant_ids().await? {
        for balance in store.tenant(tenant).ledger(since).await? {
            let lost = balance.unaccounted();
            if lost != 0 {
                odd.push(format!(
                    "{tenant}: {lost} unaccounted for {}",
                    balance.direction.name()
                ));
            }
        }
    }
    for stuck in store.stuck(Duration::from_secs(60)).await? {
        odd.push(format!(
            "{} rows stuck towards {:?}: is a worker running?",
            stuck.rows, stuck.lane
        ));
    }
    anyhow::ensure!(odd.is_empty(), "{}", odd.join("; "));
    Ok(())
}
