//! For tests only: real Redis and PostgreSQL per test, a clock that stands still until told,
//! conditions waited for instead of sleeps, and the built binary as a child process.

mod clock;
mod eventually;
mod ports;
mod redis_server;

pub use clock::{CountingIds, FakeClock};
pub use eventually::{eventually, until};
pub use ports::free_port;
pub use redis_server::{RedisServer, TestRedis};
