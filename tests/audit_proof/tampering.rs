//! What whoever holds the database may do to a log, and how the verifier names it.

use stoa::server::proof::{self, Checkpoint, Known};
use uuid::Uuid;

use super::{OTHER_KEY, fill, keys, seal, verified};
use crate::{
    audit_log::{happen, renamed},
    support::{Console, Team, node},
};

/// As the owner, with the guards of the tables switched off. `$log` stands for the workspace's log.
pub async fn tamper(console: &Console, log: Uuid, statements: &str) {
    const GUARDED: [&str; 4] = ["audit_event", "audit_leaf", "audit_subtree", "audit_checkpoint"];
    let switched = |how: &str| GUARDED.map(|table| format!("alter table {table} {how} trigger append_only;")).concat();
    let sql = format!("{} {}; {}", switched("disable"), statements.replace("$log", &format!("'{log}'")), switched("enable"));
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut owner).await.unwrap_or_else(|error| panic!("{statements}: {error}"));
}

const ROW: &str = "(select row_id from audit_leaf where log_id = $log and seq = 5)";

/// What is done, and what is said of it.
const TAMPERINGS: &[(&str, &[&str])] = &[
    ("update audit_event set actor_name = 'Someone Else' where id = ROW", &["row 5 (aud_", "its values are not those that were sealed"]),
    (
        "update audit_event set outcome = 'denied', leaf_hash = sha256('fits') where id = ROW",
        &["row 5 (aud_", "not those that were sealed"],
    ),
    (
        "update audit_event set salts = overlay(salts placing '\\x00000000' from 1) where id = ROW",
        &["row 5 (aud_", "not those that were sealed"],
    ),
    ("update audit_event set reason = 'Because.' where id = ROW", &["row 5 (aud_", "not those that were sealed"]),
    (
        "update audit_event set leaf_hash = sha256('x') where id = ROW;
         update audit_leaf set leaf_hash = sha256('x') where log_id = $log and seq = 5",
        &["row 5 (aud_", "the checkpoint of 306 rows of", "was signed over other rows"],
    ),
    ("delete from audit_event where id = ROW", &["row 5 (aud_", "it is gone"]),
    (
        "delete from audit_event where id = ROW; delete from audit_leaf where log_id = $log and seq = 5",
        &["row 6 (aud_", "leaf 5 was to come here"],
    ),
    (
        "create temporary table gone as select * from audit_leaf where log_id = $log and seq in (5, 6);
         delete from audit_leaf where log_id = $log and seq in (5, 6);
         insert into audit_leaf (tenant_id, log_id, seq, row_id, occurred_at, leaf_hash)
         select tenant_id, log_id, 11 - seq, row_id, occurred_at, leaf_hash from gone;
         drop table gone",
        &["the checkpoint of 306 rows of", "was signed over other rows"],
    ),
    (
        "delete from audit_event where id in (select row_id from audit_leaf where log_id = $log and seq >= 303);
         delete from audit_leaf where log_id = $log and seq >= 303;
         update audit_log_head set size = 303, signed_size = 303 where log_id = $log",
        &["the checkpoint of 306 rows of", "the log ends with 303 rows: it was cut short"],
    ),
    ("delete from audit_leaf where log_id = $log and seq >= 303", &["leaf 303 is gone"]),
    ("delete from audit_checkpoint where log_id = $log", &["the checkpoint of 306 rows is gone"]),
    ("update audit_checkpoint set size = 300, root = sha256('x') where log_id = $log", &["the checkpoint of 306 rows of"]),
    (
        "update audit_checkpoint set note = replace(note, chr(10) || '306' || chr(10), chr(10) || '305' || chr(10)) where log_id = $log",
        &["the checkpoint of 305 rows of", "its signature does not hold"],
    ),
    ("update audit_subtree set hash = sha256('x') where log_id = $log", &["the hash that is kept over leaves 0 to 255 is another"]),
    (
        "update audit_log_head set edge = set_byte(edge, 0, 255 - get_byte(edge, 0)) where log_id = $log",
        &["its head does not fit its leaves"],
    ),
    ("update audit_log_head set origin = 'elsewhere.example/audit/' || $log where log_id = $log", &["the checkpoint of 306 rows is of"]),
];

#[tokio::test]
async fn whoever_changes_what_was_sealed_is_found_out() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let before = console.database.text("select count(*)::text from audit_event where log_id = $1", team.workspace.0).await;
    fill(&console, &team, 306 - before.parse::<usize>().expect("a number")).await;
    seal(&console).await;
    assert_eq!(verified(&console).await.problems, Vec::<String>::new());
    let log = team.workspace.0;
    let tables = ["audit_event", "audit_leaf", "audit_subtree", "audit_checkpoint", "audit_log_head", "audit_unsealed"];
    let copies = tables.map(|table| format!("create table was_{table} as select * from {table};")).concat();
    tamper(&console, log, &copies).await;
    for (statements, says) in TAMPERINGS {
        tamper(&console, log, &statements.replace("ROW", ROW)).await;
        let problems = verified(&console).await.problems;
        for part in *says {
            assert!(problems.iter().any(|problem| problem.contains(part)), "{statements}: {problems:?} does not say: {part}");
        }
        let back = tables.map(|table| format!("delete from {table}; insert into {table} select * from was_{table};"));
        // What is put back waits again, which it did not.
        tamper(
            &console,
            log,
            &format!("{} delete from audit_unsealed; insert into audit_unsealed select * from was_audit_unsealed", back.concat()),
        )
        .await;
        assert_eq!(verified(&console).await.problems, Vec::<String>::new(), "after {statements}");
    }
    let (is_good, said) = node::run(&console, None, &["audit", "verify"]);
    assert!(is_good && said.contains("nothing sealed was changed"), "{said}");
    tamper(&console, log, &TAMPERINGS[0].0.replace("ROW", ROW)).await;
    let (is_good, said) = node::run(&console, None, &["audit", "verify"]);
    assert!(!is_good && said.contains("WRONG row 5 (aud_"), "{said}");
}

#[tokio::test]
async fn what_is_done_to_rows_before_they_are_sealed_is_found_out_too() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let log = team.workspace.0;
    seal(&console).await;
    fill(&console, &team, 3).await;
    let said = async |statements: &str, part: &str| {
        tamper(&console, log, statements).await;
        let problems = verified(&console).await.problems;
        assert!(problems.iter().any(|problem| problem.contains(part)), "{statements}: {problems:?}");
    };
    let nth = |place: u32| format!("(select row_id from audit_unsealed where log_id = $log order by row_id offset {place} limit 1)");
    said(&format!("update audit_event set ip = '192.0.2.1' where id = {}", nth(0)), "it was edited before it was sealed").await;
    said(&format!("delete from audit_unsealed where log_id = $log and row_id = {}", nth(2)), "it is in no tree, and does not wait to be")
        .await;
    said(&format!("delete from audit_event where id = {}", nth(1)), "it was taken away before it was sealed").await;
    // The one that was edited is sealed as it was written, and stays found out.
    assert_eq!((seal(&console).await.rows, seal(&console).await.rows), (1, 0));
    let problems = verified(&console).await.problems;
    assert!(problems.iter().any(|problem| problem.contains("its values are not those that were sealed")), "{problems:?}");
}

#[tokio::test]
async fn another_key_signs_nothing_that_counts() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    seal(&console).await;
    let note = console.database.text("select note from audit_checkpoint where log_id = $1", team.workspace.0).await;
    let (checkpoint, _) = Checkpoint::open(&note, &keys(&console.stoa)).expect("signed");
    let other = stoa::server::config::AuditKey::try_from(OTHER_KEY.to_owned()).expect("a key");
    let statement = format!("update audit_checkpoint set note = '{}' where log_id = $log", checkpoint.sign(&other));
    tamper(&console, team.workspace.0, &statement).await;
    let problems = verified(&console).await.problems;
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(
        problems[0].contains("rows of 127.0.0.1:3000/audit/") && problems[0].contains("no key that was given signed it"),
        "{problems:?}"
    );
}

#[tokio::test]
async fn a_tree_that_was_changed_is_signed_no_more() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    fill(&console, &team, 20).await;
    seal(&console).await;
    let swapped = "create temporary table gone as select * from audit_leaf where log_id = $log and seq in (5, 6);
         delete from audit_leaf where log_id = $log and seq in (5, 6);
         insert into audit_leaf (tenant_id, log_id, seq, row_id, occurred_at, leaf_hash)
         select tenant_id, log_id, 11 - seq, row_id, occurred_at, leaf_hash from gone;
         drop table gone";
    tamper(&console, team.workspace.0, swapped).await;
    fill(&console, &team, 1).await;
    let sealed = seal(&console).await;
    assert_eq!((sealed.rows, sealed.checkpoints), (1, 0));
    tamper(&console, team.workspace.0, swapped).await;
    assert_eq!(seal(&console).await.checkpoints, 1, "as it was, it goes on");
}

/// A console that hands its checkpoints to a file of its own, which the database cannot change.
async fn witnessed() -> (Console, Team, std::path::PathBuf) {
    let name = format!("witness-{}", stoa::server::chance::secret());
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let console = Console::start_with(&[("STOA_AUDIT__WITNESS_FILE", file.to_str().expect("a path"))]).await;
    let team = console.team("Acme").await;
    fill(&console, &team, 10).await;
    seal(&console).await;
    (console, team, file)
}

async fn against(console: &Console, file: &std::path::Path) -> Vec<String> {
    let notes = proof::notes(&std::fs::read_to_string(file).expect("a file"));
    assert!(!notes.is_empty());
    let keys = keys(&console.stoa);
    proof::database(&console.stoa, &Known { keys: &keys, notes: &notes }, None).await.expect("a report").problems
}

/// Puts the log back to how it was, with everything that is kept of it: what the operator of a database could do.
const KEEP: &str = "create table was as select * from audit_log_head where log_id = $log";
const FORGET: &str = "
    delete from audit_event where log_id = $log and id in (
        select row_id from audit_leaf where log_id = $log and seq >= (select size from was));
    delete from audit_leaf where log_id = $log and seq >= (select size from was);
    delete from audit_checkpoint where log_id = $log and size > (select size from was);
    update audit_log_head as head set size = was.size, edge = was.edge, signed_size = was.signed_size,
        witnessed_size = was.witnessed_size, unsigned_since = was.unsigned_since from was where head.log_id = $log";

#[tokio::test]
async fn a_log_that_was_cut_short_with_all_its_traces_is_caught_by_the_witness_alone() {
    let (console, team, file) = witnessed().await;
    tamper(&console, team.workspace.0, KEEP).await;
    fill(&console, &team, 3).await;
    seal(&console).await;
    assert_eq!(against(&console, &file).await, Vec::<String>::new());
    tamper(&console, team.workspace.0, FORGET).await;
    assert_eq!(verified(&console).await.problems, Vec::<String>::new(), "the database alone cannot know");
    let problems = against(&console, &file).await;
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].contains("was witnessed, and the log ends with") && problems[0].contains("it was cut short"), "{problems:?}");
}

#[tokio::test]
async fn two_logs_of_one_size_are_caught_by_the_witness() {
    let (console, team, file) = witnessed().await;
    tamper(&console, team.workspace.0, KEEP).await;
    fill(&console, &team, 3).await;
    seal(&console).await;
    tamper(&console, team.workspace.0, FORGET).await;
    for name in ["Other", "rows", "now"] {
        happen(&console, &team, (&team.owner.user, "Acme Owner"), renamed("ws_y", name)).await;
    }
    seal(&console).await;
    assert_eq!(verified(&console).await.problems, Vec::<String>::new(), "each fork is whole in itself");
    let problems = against(&console, &file).await;
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].contains("it was forked, or rewritten"), "{problems:?}");
    let path = file.to_str().expect("a path");
    let (is_good, said) = node::run(&console, None, &["audit", "verify", "--witness", path]);
    assert!(!is_good && said.contains("forked, or rewritten"), "{said}");
}
