//! Search: finding a page, an act, a person, a key or what an id names, from wherever one is.
//!
//! What is found is what the person could have gone to by themselves: pages by their role (`crate::destinations`), things
//! through the features that they belong to. A secret that is pasted is looked for by its id, and stands in no address.

#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod server;
