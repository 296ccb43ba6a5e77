//! All simulators in a process of their own.
//!
//! `sandbox [--graph PORT] [--telegram PORT] [--letstalk PORT] [--pubnub PORT] [--console PORT]
//! [--bot PORT] [--with-stdin]` prints the addresses as one line of JSON and runs until it is
//! interrupted, or with `--with-stdin` until its standard input ends, so that it never outlives the
//! test that started it.

use std::io::{Read, Write};

use anyhow::{Context, bail};
use sandbox::{Sandbox, SandboxPorts};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let (ports, with_stdin) = read_arguments(std::env::args().skip(1))?;
    let sandbox = Sandbox::start(ports).await.context("cannot start")?;
    let mut out = std::io::stdout();
    writeln!(out, "{}", serde_json::to_string(&sandbox.urls)?)?;
    out.flush()?;
    if with_stdin {
        let (ended, end) = tokio::sync::oneshot::channel();
        // A thread of its own: a blocked read would hold up the runtime's shutdown.
        std::thread::spawn(move || {
            let _ = std::io::stdin().read_to_end(&mut Vec::new());
            let _ = ended.send(());
        });
        tokio::select! {
            _ = end => {}
            interrupted = tokio::signal::ctrl_c() => interrupted?,
        }
    } else {
        tokio::signal::ctrl_c().await?;
    }
    sandbox.stop().await;
    Ok(())
}

fn read_arguments(
    mut arguments: impl Iterator<Item = String>,
) -> anyhow::Result<(SandboxPorts, bool)> {
    let mut ports = SandboxPorts::default();
    let mut with_stdin = false;
    while let Some(name) = arguments.next() {
        let slot = match name.as_str() {
            "--graph" => &mut ports.graph,
            "--telegram" => &mut ports.telegram,
            "--letstalk" => &mut ports.letstalk,
            "--pubnub" => &mut ports.pubnub,
            "--console" => &mut ports.console,
            "--bot" => &mut ports.bot,
            "--with-stdin" => {
                with_stdin = true;
                continue;
            }
            other => bail!("unknown argument {other}"),
        };
        let port = arguments
            .next()
            .with_context(|| format!("{name} needs a port"))?;
        *slot = port
            .parse()
            .with_context(|| format!("{port} is not a port"))?;
    }
    Ok((ports, with_stdin))
}
