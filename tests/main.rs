//! The console over HTTP, on a real Postgres, as the application's own role.
#![expect(clippy::disallowed_methods, reason = "a test reads its own environment, and a provider of its own stands on the system's clock")]
#![expect(
    clippy::format_push_string,
    clippy::redundant_closure_for_method_calls,
    clippy::type_complexity,
    reason = "in tests the plainest words win"
)]

mod support;

mod acceptance;
mod access;
mod alerts;
mod api_keys;
mod archive;
mod archive_races;
mod assets;
mod audit_export;
mod audit_live;
mod audit_log;
mod audit_proof;
mod audit_retention;
mod audit_search;
mod audit_streams;
mod audit_views;
mod billing;
mod call_path;
mod canary;
mod catalogue;
mod coming_and_going;
mod completeness;
mod conformance;
mod console_only;
mod contract;
mod credential_property;
mod demo_company;
mod denials;
mod doors;
mod entitlements;
mod events;
mod finding_back;
mod first_steps;
mod forms;
mod frame;
mod identifiers;
mod inbox;
mod invitations;
mod isolation;
mod key_authority;
mod key_care;
mod kills;
mod leaving;
mod ledger;
mod mail;
mod mail_budgets;
mod matrix;
mod mcp;
mod mcp_clients;
mod members;
mod migrations;
mod modules;
mod nodes;
mod outbound;
mod overrun;
mod overview;
mod own_modules;
mod pages;
mod pausing_agents;
mod payments;
mod periodic;
mod plans;
mod posture;
mod posture_review;
mod proof;
mod purging;
mod queue;
mod recent_sign_in;
mod record_retention;
mod records;
mod reductions;
mod reference;
mod refusals;
mod rest;
mod rest_control;
mod rest_invitations;
mod rest_keys;
mod rest_people;
mod restore;
mod scope;
mod search;
mod security_mail;
mod sessions;
mod sessions_page;
mod sign_in;
mod spend_authority;
mod stewards;
mod storage;
mod support_access;
mod tabs;
mod team_purging;
mod teams;
mod telling_apart;
mod transfer;
mod usage;
mod walls;
mod web;
mod workspaces;
