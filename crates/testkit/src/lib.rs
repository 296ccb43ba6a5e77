//! For tests only: real Redis and PostgreSQL per test, a clock that stands still until told,
//! conditions waited for instead of sleeps, the built binary as a child process, servers and
//! connections to be mistreated, and the judge of what arrived ([`oracle`]).
//!
//! `scripts/test` starts one PostgreSQL and one Redis for a whole run and names them in
//! `RELEVO_TEST_PG_URL` and `RELEVO_TEST_REDIS_URL`. Without these, the first test of a run
//! starts a private one, all tests of the run share it, and it goes when the run is over.

mod clock;
mod disk;
mod eventually;
mod gate;
pub mod hostile;
mod names;
pub mod oracle;
mod ports;
mod postgres;
mod postgres_server;
mod power;
mod process;
mod redis_server;
mod run;
mod s3_server;
mod shim;
mod smtp;

pub use clock::{CountingIds, FakeClock};
pub use disk::{Disk, Mood};
pub use eventually::{eventually, until};
pub use gate::Gate;
pub use names::Names;
pub use ports::free_port;
pub use postgres::TestDatabase;
pub use postgres_server::PostgresServer;
pub use power::{Kept, Power};
pub use process::RelevoProcess;
pub use redis_server::{RedisServer, TestRedis};
pub use s3_server::S3Server;
pub use smtp::SmtpServer;
