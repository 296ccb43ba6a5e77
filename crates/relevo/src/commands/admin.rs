//! `relevo admin`: who of the company that hosts Relevo sees all tenants.

use crate::cli::Admin;
use crate::parts::open_store;
use crate::settings::Settings;
use adapters::store::StoreError;
use anyhow::{Context as _, anyhow};

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
    }
    Ok(())
}

fn unknown(error: StoreError, what: &str, email: &str) -> anyhow::Error {
    match error {
        StoreError::NotFound => anyhow!("{what} {email}"),
        other => other.into(),
    }
}
