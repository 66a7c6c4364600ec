//! The hooks of the CRM: conversion, outcomes of deals, what invoices come to, payments, and books in balance.

mod converting;
mod deal;
mod invoice;
mod journal;
mod lead;
mod lines;
mod payment;

pub use converting::ConvertLead;
pub use deal::{Account, Deal, DealStage};
pub use invoice::Invoice;
pub use journal::JournalEntry;
pub use lead::Lead;
pub use payment::Payment;
