//! A bare server that answers 200 to a body like ours.

use super::Found;
use crate::bench::load::far::Remote;
use crate::bench::load::house::cpu;
use crate::bench::load::near::Wire;
use crate::bench::load::now_us;
use crate::bench::load::number::{micros, seconds};

/// Connections that ask side by side.
const CONNECTIONS: u32 = 32;
/// Bytes of a webhook's body.
const BODY: usize = 800;

/// Requests a second, and processor time of each on the server's side.
pub(in super::super) async fn bare_server(far: &Remote, requests: u32) -> anyhow::Result<Found> {
    let body = vec![b'x'; BODY];
    let before = cpu::of(far.pid()).us;
    let began = now_us();
    let mut wires = Vec::new();
    for _ in 0..CONNECTIONS {
        let (url, body) = (far.url.clone(), body.clone());
        wires.push(tokio::spawn(async move {
            let mut wire = Wire::to(&url)?;
            for _ in 0..requests / CONNECTIONS {
                let status = wire.post("/bot", &body, ("x-none", "-")).await?;
                anyhow::ensure!(status == 200, "the bare server answered {status}");
            }
            anyhow::Ok(())
        }));
    }
    for wire in wires {
        wire.await??;
    }
    let sent = f64::from(requests / CONNECTIONS * CONNECTIONS).max(1.0);
    let wall = seconds(now_us() - began);
    let used = micros(cpu::of(far.pid()).us - before);
    Ok(Found::from([
        ("bare requests, per second".to_owned(), sent / wall),
        ("a bare request, CPU µs".to_owned(), used / sent),
    ]))
}
