//! Free ports.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Ports that the system does not give to outgoing connections, so that a server which is stopped
/// finds its own port free when it comes back.
const FIRST: u32 = 12_000;
const COUNT: u32 = 20_000;

/// A TCP port on loopback that was free a moment ago.
///
/// # Panics
/// There is none.
#[must_use]
pub fn free_port() -> u16 {
    static TURN: AtomicU32 = AtomicU32::new(0);
    // Test processes that start at the same moment begin at different places.
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let start = std::process::id().wrapping_mul(7919) ^ now.map_or(0, |it| it.subsec_nanos());
    (0..COUNT)
        .map(|_| start.wrapping_add(TURN.fetch_add(1, Ordering::Relaxed).wrapping_mul(31)))
        .filter_map(|number| u16::try_from(FIRST + number % COUNT).ok())
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .unwrap_or_else(|| panic!("no free port"))
}
