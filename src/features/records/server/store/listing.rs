//! The SQL behind lists of records. What is asked for is put together from what the manifest declares; every value is
//! bound, and every name that stands in the text is ours.
//!
//! Postgres plans a prepared statement once and for all values. Where only one index can lead to a page, the statement leaves
//! no other way (`offset 0` keeps a part from being moved). Where it depends on the values which one does, as for an order
//! together with a filter, it is planned each time it is asked.

use sqlx::{Postgres, QueryBuilder};

use super::super::{Listing, Order, Place, Record};
use crate::{
    access::AskWorkspace,
    error::AppError,
    ids::{TenantId, WorkspaceId},
    server::{
        modules::{Field, Indexed, Resource},
        scope::WorkspaceScope,
    },
};

/// In front of a list's statement, so that Postgres says how it found the rows.
const EXPLAINED: &str = "explain (analyze, buffers, costs off) ";

const COLUMNS: &str = "select record.id, record.status, record.data, record.custom_fields, record.bytes, record.version,
       record.created_by_type, record.created_by, record.updated_by_type, record.updated_by,
       record.created_at, record.updated_at, record.archived_at ";

/// A page of records, in the listing's order, from behind its place on.
pub async fn list<P: AskWorkspace>(
    scope: &mut WorkspaceScope<P>,
    tenant: TenantId,
    workspace: WorkspaceId,
    resource: &'static Resource,
    listing: &Listing,
) -> Result<Vec<Record>, AppError> {
    let asking = Asking { tenant, workspace, resource, listing, prefix: "" };
    let Order::By { field, descending } = listing.order else {
        return fetch(scope, &asking, asking.by_age()).await;
    };
    let mut records = match &listing.after {
        Some(Place { value: None, .. }) => Vec::new(),
        _ => fetch(scope, &asking, asking.by_value(field, descending)).await?,
    };
    // Then those without a value, which have no row to be found by.
    let left = listing.most - i64::try_from(records.len()).unwrap_or(i64::MAX);
    if left > 0 {
        records.extend(fetch(scope, &asking, asking.without_value(field, descending, left)).await?);
    }
    Ok(records)
}

/// How Postgres finds the page, as the application's role within this scope: the statement is run, and told of line by line.
/// Of a list that is sorted by a field, the part with a value.
pub async fn explain<P: AskWorkspace>(
    scope: &mut WorkspaceScope<P>,
    tenant: TenantId,
    workspace: WorkspaceId,
    resource: &'static Resource,
    listing: &Listing,
) -> Result<Vec<String>, AppError> {
    let asking = Asking { tenant, workspace, resource, listing, prefix: EXPLAINED };
    let mut query = match listing.order {
        Order::Added { .. } => asking.by_age(),
        Order::By { field, descending } => asking.by_value(field, descending),
    };
    Ok(query.build_query_scalar().fetch_all(scope.read()).await?)
}

async fn fetch<P: AskWorkspace>(
    scope: &mut WorkspaceScope<P>,
    asking: &Asking<'_>,
    mut query: QueryBuilder<Postgres>,
) -> Result<Vec<Record>, AppError> {
    Ok(query.build_query_as::<Record>().persistent(!asking.depends_on_values()).fetch_all(scope.read()).await?)
}

struct Asking<'a> {
    tenant: TenantId,
    workspace: WorkspaceId,
    resource: &'static Resource,
    listing: &'a Listing,
    prefix: &'static str,
}

impl Asking<'_> {
    /// Whether more than one index could lead to the page.
    fn depends_on_values(&self) -> bool {
        self.listing.filters.len() + usize::from(matches!(self.listing.order, Order::By { .. })) > 1
    }

    /// The newest or the oldest first: by id, since ids are made in the order of time. Where something is filtered, the
    /// first filter's index is walked.
    fn by_age(&self) -> QueryBuilder<Postgres> {
        let newest_first = matches!(self.listing.order, Order::Added { newest_first: true });
        let (mut query, id) = match self.listing.filters.first() {
            Some((field, value)) => {
                let mut query = self.joined(field);
                query.push(" and found.").push(value.column()).push(" = ");
                bind(&mut query, value);
                (query, "found.record_id")
            }
            None => (self.plain(), "record.id"),
        };
        self.narrow(&mut query, 1);
        if let Some(after) = &self.listing.after {
            query.push(format!(" and {id} {} ", if newest_first { "<" } else { ">" })).push_bind(after.id.0);
        }
        query.push(format!(" order by {id} {}", if newest_first { "desc" } else { "asc" }));
        query.push(" limit ").push_bind(self.listing.most);
        query
    }

    /// Those that have a value, by it and then by age.
    fn by_value(&self, field: &'static Field, descending: bool) -> QueryBuilder<Postgres> {
        let column = field.kind.column();
        let mut query = self.joined(field.name);
        query.push(format!(" and found.{column} is not null"));
        self.narrow(&mut query, 0);
        let after = self.listing.after.as_ref();
        if let Some((place, value)) = after.and_then(|place| Some((place, field.kind.sorted_from(place.value.as_deref()?)?))) {
            query.push(format!(" and (found.{column}, found.record_id) {} (", if descending { "<" } else { ">" }));
            bind(&mut query, &value);
            query.push(", ").push_bind(place.id.0).push(")");
        }
        let direction = if descending { "desc" } else { "asc" };
        query.push(format!(" order by found.{column} {direction}, found.record_id {direction} limit ")).push_bind(self.listing.most);
        query
    }

    /// Those that have none, by age.
    fn without_value(&self, field: &'static Field, descending: bool, most: i64) -> QueryBuilder<Postgres> {
        let mut query = self.plain();
        query.push(
            " and not exists (
                 select from record_value as held
                 where held.tenant_id = record.tenant_id and held.workspace_id = record.workspace_id
                   and held.record_id = record.id and held.field = ",
        );
        query.push_bind(field.name).push(if self.depends_on_values() { ")" } else { " offset 0)" });
        self.narrow(&mut query, 0);
        if let Some(Place { id, value: None }) = &self.listing.after {
            query.push(if descending { " and record.id < " } else { " and record.id > " }).push_bind(id.0);
        }
        query.push(if descending { " order by record.id desc limit " } else { " order by record.id limit " }).push_bind(most);
        query
    }

    fn begun(&self) -> QueryBuilder<Postgres> {
        let mut query = QueryBuilder::new(self.prefix);
        query.push(COLUMNS);
        query
    }

    fn plain(&self) -> QueryBuilder<Postgres> {
        let mut query = self.begun();
        query.push("from record where record.tenant_id = ").push_bind(self.tenant.0);
        query.push(" and record.workspace_id = ").push_bind(self.workspace.0);
        query.push(" and record.resource = ").push_bind(self.resource.name);
        query
    }

    /// By the values of one field.
    fn joined(&self, field: &str) -> QueryBuilder<Postgres> {
        let mut query = self.begun();
        query.push("from record_value as found ");
        let record = "record.tenant_id = found.tenant_id and record.workspace_id = found.workspace_id and record.id = found.record_id";
        if self.depends_on_values() {
            query.push("join record on ").push(record);
        } else {
            query.push("cross join lateral (select record.* from record where ").push(record).push(" offset 0) as record");
        }
        query.push(" where found.tenant_id = ");
        query.push_bind(self.tenant.0);
        query.push(" and found.workspace_id = ").push_bind(self.workspace.0);
        query.push(" and found.resource = ").push_bind(self.resource.name);
        query.push(" and found.field = ").push_bind(field.to_owned());
        query
    }

    /// By the filters but for so many of the first, by words, and by whether they were put away.
    fn narrow(&self, query: &mut QueryBuilder<Postgres>, skipped: usize) {
        for (field, value) in self.listing.filters.iter().skip(skipped) {
            query.push(
                " and exists (
                     select from record_value as held
                     where held.tenant_id = record.tenant_id and held.workspace_id = record.workspace_id
                       and held.record_id = record.id and held.field = ",
            );
            query.push_bind(*field).push(" and held.").push(value.column()).push(" = ");
            bind(query, value);
            query.push(")");
        }
        if let Some(words) = &self.listing.words {
            query.push(" and strpos(record.search, lower(").push_bind(words.clone()).push(")) > 0");
        }
        query.push(if self.listing.archived { " and record.archived_at is not null" } else { " and record.archived_at is null" });
    }
}

fn bind(query: &mut QueryBuilder<Postgres>, value: &Indexed) {
    match value {
        Indexed::Text(text) => query.push_bind(text.clone()),
        Indexed::Number(number) => query.push_bind(*number),
        Indexed::Time(time) => query.push_bind(*time),
    };
}
