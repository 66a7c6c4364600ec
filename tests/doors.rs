//! Every door by name, from the live table: what it asks for. That it asks is proven in tests/matrix.rs.

use stoa::app;

use crate::support::golden;

#[test]
fn the_doors_are_these() {
    let mut lines: Vec<String> = app::doors().iter().map(|door| format!("{:<5} {:<32} {}", door.method, door.path, door.asks)).collect();
    lines.sort();
    golden::check("doors.txt", &(lines.join("\n") + "\n"));
}
