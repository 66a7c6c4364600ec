//! What a row is compared with, as SQL. A row that says nothing of what is asked is not as it is asked.

use sqlx::{Postgres, QueryBuilder};

use crate::{
    features::audit_log::server::line::{Term, Wants, Who},
    server::modules,
};

type Query = QueryBuilder<Postgres>;

/// The fields that changed, one a row; of a text that is no list of them, none.
const CHANGES: &str =
    "json_array_elements(case when json_typeof(looked.changes) = 'array' then looked.changes else '[]'::json end) as change";

/// True of a row of `looked` that is as every one of these says.
pub fn all(query: &mut Query, terms: &[&Term]) {
    for (place, term) in terms.iter().enumerate() {
        query.push(if place > 0 { " and " } else { "" });
        query.push(if term.is_left_out { "not coalesce((" } else { "coalesce((" });
        one(query, &term.wants);
        query.push("), false)");
    }
}

fn one(query: &mut Query, wants: &Wants) {
    match wants {
        Wants::Words(text) => words(query, text),
        Wants::Actor(Who::Id(id)) => any_is(query, &["actor_id", "on_behalf_of_id"], id),
        Wants::Actor(Who::Named(text)) => {
            any_is(query, &["actor_id", "on_behalf_of_id"], text);
            query.push(" or ");
            holds(query, "concat_ws(chr(10), looked.actor_name, looked.on_behalf_of_name)", text);
        }
        Wants::Target(Who::Id(id)) => any_is(query, &["target_id"], id),
        Wants::Target(Who::Named(text)) => {
            any_is(query, &["target_id"], text);
            query.push(" or ");
            holds(query, "looked.target_name", text);
        }
        Wants::Action(start) if start.ends_with('.') => {
            query.push("starts_with(looked.action, ").push_bind(start.clone()).push(")");
        }
        Wants::Action(name) => any_is(query, &["action"], name),
        Wants::Credential(id) => any_is(query, &["credential_id"], id),
        Wants::Channel(name) => any_is(query, &["channel"], name),
        Wants::Outcome(outcome) => any_is(query, &["outcome"], outcome.name()),
        Wants::Module(key) => module(query, key),
        Wants::Request(request) => any_is(query, &["request_id"], &request.to_string()),
        // What is no address is not cast, which would be an error.
        Wants::Ip(network) => {
            query.push("case when looked.ip ~ '^[0-9a-f.:]+$' then looked.ip::inet <<= ");
            query.push_bind(network.to_string()).push("::text::inet end");
        }
        Wants::Before(text) => changed(query, "change->>'before'", text),
        Wants::After(text) => changed(query, "change->>'after'", text),
    }
}

fn any_is(query: &mut Query, columns: &[&str], value: &str) {
    for (place, column) in columns.iter().enumerate() {
        // Each coalesced: one that is null leaves the other to decide.
        query.push(if place > 0 { " or " } else { "" });
        query.push(format!("coalesce(looked.{column} = ")).push_bind(value.to_owned()).push(", false)");
    }
}

/// Whether a text holds another, whatever the case.
fn holds(query: &mut Query, text: &str, part: &str) {
    query.push(format!("coalesce(strpos(lower({text}), lower(")).push_bind(part.to_owned()).push(")) > 0, false)");
}

fn changed(query: &mut Query, value: &str, part: &str) {
    query.push("looked.changes is not null and exists (select from ").push(CHANGES).push(" where ");
    holds(query, value, part);
    query.push(")");
}

/// In what people read of a row. Changes are looked through field by field only where their text holds the words somewhere.
fn words(query: &mut Query, text: &str) {
    let read = "concat_ws(chr(10), looked.action, looked.actor_name, looked.actor_id, looked.on_behalf_of_name, \
                looked.on_behalf_of_id, looked.target_name, looked.target_id, looked.reason)";
    holds(query, read, text);
    let in_json = serde_json::Value::from(text).to_string();
    query.push(" or case when ");
    holds(query, "looked.changes::text", in_json.trim_matches('"').trim_end_matches('\\'));
    query.push(" then exists (select from ").push(CHANGES).push(" where ");
    holds(query, "concat_ws(chr(10), change->>'field', change->>'before', change->>'after')", text);
    query.push(") else false end");
}

/// What happened to a module's records, and to the module itself.
fn module(query: &mut Query, key: &str) {
    let resources: Vec<String> =
        modules::find(key).into_iter().flat_map(|module| &module.resources).map(|resource| resource.name.to_owned()).collect();
    query.push("(split_part(looked.action, '.', 1) = 'record' and split_part(looked.action, '.', 2) = any (").push_bind(resources);
    query.push(")) or (looked.target_type = 'module' and looked.target_id = ").push_bind(key.to_owned()).push(")");
}
