//! Files of messages: on a local disk, or in a bucket.

mod hash;
mod local;
mod name;
mod place;
mod receive;
mod s3;
mod s3_address;
mod sniff;

pub use local::LocalFiles;
pub use s3::S3Files;
pub use s3_address::S3Address;
