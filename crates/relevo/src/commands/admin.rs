//! `relevo admin`: who of the company that hosts Relevo sees all tenants, a way back in for a
//! member who forgot the password where no mail is sent, and what is to be said after a restore.

use crate::cli::Admin;
use crate::parts::open_store;
use crate::settings::Settings;
use adapters::store::StoreError;
use anyhow::{Context as _, anyhow};
use std::time::Duration;

/// How long a link is good; as long as one that comes by mail.
const LASTS: Duration = Duration::from_secs(3600);

pub(super) async fn run(settings: Settings, what: Admin) -> anyhow::Result<()> {
    let store = open_store(&settings).await?;
    match what {
        Admin::Grant { email } => {
            let member = store.grant_operator(&email).await;
            let member = member.map_err(|e| unknown(e, "nobody logs in with", &email))?;
            println!("{} ({}) is an operator now", member.name, member.email);
        }
        Admin::Revoke { email } => {
            let member = store.revoke_operator(&email).await;
            let member = member.map_err(|e| unknown(e, "no operator logs in with", &email))?;
            println!("{} ({}) is no operator any more", member.name, member.email);
        }
        Admin::List => {
            let operators = store.operators().await.context("operators")?;
            for member in &operators {
                println!("{}\t{}", member.email, member.name);
            }
            if operators.is_empty() {
                println!("nobody");
            }
        }
        Admin::Restored => {
            let rows = store.doubt_what_waits().await.context("the outbox")?;
            println!("{rows} messages wait and will be looked for before they are sent");
        }
        Admin::ResetLink { email } => {
            let until = store.clock().now().after(LASTS);
            let made = store.reset_link(&email, until).await.context("the link")?;
            let (member, raw) =
                made.ok_or_else(|| unknown(StoreError::NotFound, "nobody logs in with", &email))?;
            let url = settings.public_url.as_str().trim_end_matches('/');
            println!("{url}/reset/{}", raw.expose());
            eprintln!(
                "For {} ({}), once, within the hour. Give it to nobody else.",
                member.name, member.email
            );
        }
    }
    Ok(())
}

fn unknown(error: StoreError, what: &str, email: &str) -> anyhow::Error {
    match error {
        StoreError::NotFound => anyhow!("{what} {email}"),
        other => other.into(),
    }
}
