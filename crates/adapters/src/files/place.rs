//! Where a file lies, in a folder or in a bucket.

use domain::ids::{FileId, TenantId};

/// `<tenant>/<xx>/<file>`, where `xx` are the last two digits of the file's id.
pub(super) fn place(tenant: TenantId, id: FileId) -> String {
    let name = id.0.simple().to_string();
    let shard = name.get(30..).unwrap_or("00");
    format!("{}/{shard}/{name}", tenant.0.simple())
}
