//! What a reduction would come to, before it is done.

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};

use super::{
    Act, Asked,
    asked::hanging_on,
    store::{self, Counted},
};
use crate::{
    access::AskWorkspace,
    error::AppError,
    features::retention::server::{self as retention, Kept as _},
    money::Nanos,
    server::{
        plans::{self, Dimension},
        scope::{InWorkspace, WorkspaceScope},
    },
};

#[derive(Clone, Debug)]
pub struct Preview {
    pub asked: Asked,
    pub counted: Counted,
    /// Under a legal hold: nothing is purged.
    pub is_held: bool,
}

pub async fn preview<P: AskWorkspace>(scope: &mut WorkspaceScope<P>, asked: Asked) -> Result<Preview, AppError> {
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    let (parts, referring) = match asked.act {
        Act::Purge => hanging_on(asked.resource),
        // What is put away is still there for whatever refers to it.
        Act::Archive => Default::default(),
    };
    let counted = store::count(scope, tenant, workspace, &asked, &parts, &referring).await?;
    let place = InWorkspace::place(scope);
    let is_held = retention::are_on(scope, &place).await?;
    Ok(Preview { asked, counted, is_held })
}

impl Preview {
    /// Of everything that would not be stored any more; nothing of what is only put away.
    pub fn freed_bytes(&self) -> i64 {
        match self.asked.act {
            Act::Purge => self.counted.bytes + self.counted.part_bytes + self.counted.file_bytes,
            Act::Archive => 0,
        }
    }

    /// What it saves a day, at that moment's rate.
    pub fn freed_a_day(&self, now: DateTime<Utc>) -> Nanos {
        let dimension = Dimension::StorageGbDay;
        Nanos(dimension.cost(self.freed_bytes(), plans::rate(dimension, now).nanos))
    }

    /// In 64 characters; differs where it would do anything else.
    pub fn digest(&self) -> String {
        use std::fmt::Write as _;
        let Counted { records, bytes, oldest, newest, parts, part_bytes, files, file_bytes, referring } = &self.counted;
        let (act, resource, before) = (self.asked.act.name(), self.asked.resource.name, self.asked.before.timestamp());
        let text = format!(
            "{act} {resource} {before} {records} {bytes} {oldest:?} {newest:?} {parts} {part_bytes} {files} {file_bytes} {referring}"
        );
        Sha256::digest(text).iter().fold(String::new(), |mut digest, byte| {
            let _ = write!(digest, "{byte:02x}");
            digest
        })
    }
}

/// What whoever purges types.
pub fn phrase(preview: &Preview) -> String {
    format!("purge {} {}", preview.counted.records, preview.asked.resource.plural.replace('_', " "))
}
