//! Security posture: what a team and each of its workspaces ask of whoever comes in.
//!
//! Both can ask; the stricter of the two holds, and never less than the installation's own clocks. The door asks it of
//! every request (`open_console`), so a change holds from the next click on. Who is cut off by a change is shown before
//! it is made, and it cannot cut off whoever makes it.

#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod server;
