//! The server's half of deliveries. The list itself is kept by `server::mail`.

pub mod rest;
