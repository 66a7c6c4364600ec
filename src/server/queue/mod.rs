//! Work that is done later, by whichever node has a hand free: put down in the transaction that wants it done.
//!
//! `enqueue` puts a job down; a feature exports a handler for its kinds, and `app::jobs` lists them. A job is taken
//! under a lease and may be done twice (a node that dies after the work and before saying so), so a handler looks
//! first whether there is still something to do. It may run for a minute; longer work is several jobs.

mod attempt;
mod backoff;
mod handlers;
mod operating;
mod periodic;
mod says;
mod store;
mod wake;
mod work;

use chrono::{DateTime, Utc};

pub use backoff::{backoff, jittered};
pub use handlers::{Done, Failure, Handlers, Job};
pub use operating::{Counts, Listed, count, discard, list, retry};
pub use periodic::{Periodic, keep_time};
pub use says::{says, storable};
pub use work::{Ending, work, work_off};

use crate::{
    error::AppError,
    ids::{JobId, TenantId},
    server::scope::{Reach, Scope},
};

/// Puts a job down for `tenant`, due at `run_at`. It is there when the scope commits, and not before.
///
/// `payload` names things by their ids and never holds a secret.
pub async fn enqueue<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    kind: &'static str,
    payload: &serde_json::Value,
    run_at: DateTime<Utc>,
) -> Result<JobId, AppError> {
    let id = JobId(scope.new_id());
    store::insert(scope, tenant, id, kind, payload, run_at).await?;
    Ok(id)
}
