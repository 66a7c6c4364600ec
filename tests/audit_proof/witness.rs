//! A witness elsewhere is given every log's newest checkpoint, and none of them is forgotten while it is away.

use stoa::server::proof::{self, Checkpoint};

use super::{fill, keys};
use crate::{
    audit_streams::{Receiver, Reply},
    support::Console,
};

/// The origins and sizes of the checkpoints in a message, each of them checked.
fn witnessed(console: &Console, message: &crate::audit_streams::Message) -> Vec<(String, u64)> {
    let notes = proof::notes(std::str::from_utf8(&message.body).expect("text"));
    let opened = notes.iter().map(|note| Checkpoint::open(note, &keys(&console.stoa)).expect("signed").0);
    opened.map(|checkpoint| (checkpoint.origin, checkpoint.size)).collect()
}

#[tokio::test]
async fn a_witness_elsewhere_is_given_the_newest_checkpoints_until_it_takes_them() {
    let receiver = Receiver::open().await;
    let console = Console::start_with(&[("STOA_OUTBOUND__ALLOWED", receiver.origin()), ("STOA_AUDIT__WITNESS_URL", &receiver.url())]).await;
    let team = console.team("Acme").await;
    proof::seal_now(&console.stoa).await.expect("sealed");
    assert!(receiver.got().is_empty(), "the sealer waits for nobody");
    receiver.will(&[Reply::Status(500)]);
    for _ in 0..3 {
        proof::hand_over(&console.stoa).await.expect("nothing to say but in the server's log");
    }
    let got = receiver.got();
    assert_eq!(got.len(), 2, "refused once, taken once, and then there is nothing new");
    assert_eq!(got[0].body, got[1].body);
    let logs = console.database.count("select count(*) from audit_log_head where signed_size > 0").await;
    assert_eq!(i64::try_from(witnessed(&console, &got[1]).len()), Ok(logs));

    fill(&console, &team, 3).await;
    proof::seal_now(&console.stoa).await.expect("sealed");
    proof::hand_over(&console.stoa).await.expect("handed over");
    let last = witnessed(&console, receiver.got().last().expect("a message"));
    assert_eq!(last.len(), 1);
    assert!(last[0].0.ends_with(&team.workspace.0.to_string()), "{last:?}");
}
