-- What no tenant owns: the installation, people, their sessions and sign-in attempts.

create table installation (
    -- One row at most.
    singleton boolean primary key default true constraint installation_singleton check (singleton),
    id uuid not null,
    -- A demonstration's database; `serve` refuses it, and `demo` refuses any other.
    demo boolean not null,
    created_at timestamptz not null
);
grant select on installation to stoa_app, stoa_service;

create table app_user (
    id uuid primary key,
    issuer text not null,
    subject text not null,
    -- An attribute, never a key: accounts are not linked by it.
    email text not null,
    email_verified boolean not null,
    name text not null,
    time_zone text not null default 'UTC',
    theme text not null default 'system'
        constraint app_user_theme_known check (theme in ('system', 'light', 'dark')),
    -- May act for the operator.
    operator boolean not null default false,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint app_user_issuer_subject_key unique (issuer, subject),
    constraint app_user_name_length check (char_length(name) between 1 and 120),
    constraint app_user_email_length check (char_length(email) <= 320)
);
alter table app_user enable row level security;
alter table app_user force row level security;
create policy owner on app_user to stoa_owner using (true) with check (true);
create policy service on app_user to stoa_service using (true) with check (true);
-- A person sees and changes their own row; colleagues come with the tenant's tables.
create policy app on app_user to stoa_app
    using ((select app_reach()) is not null and id = (select app_user_id()))
    with check ((select app_reach()) is not null and id = (select app_user_id()));
grant select, update (name, time_zone, theme, version, updated_at) on app_user to stoa_app;
grant select, insert, update on app_user to stoa_service;

-- Keyed by a hash of the cookie's value: who reads this table can be nobody.
create table session (
    id_hash bytea primary key constraint session_id_hash_length check (octet_length(id_hash) = 32),
    user_id uuid not null references app_user (id),
    issuer text not null,
    -- The provider's own session (`sid`), for its logout.
    provider_session text,
    created_at timestamptz not null,
    last_seen_at timestamptz not null,
    -- When the person last proved who they are; destructive acts ask for a recent one.
    authenticated_at timestamptz not null,
    -- The absolute clock. The idle clock counts from last_seen_at.
    expires_at timestamptz not null,
    ip text,
    user_agent text
);
create index session_by_user on session (user_id);
create index session_by_provider on session (issuer, provider_session);
create index session_by_expiry on session (expires_at);
grant select, insert, update, delete on session to stoa_app;
grant select, update (last_seen_at), delete on session to stoa_service;

-- One start of a sign-in. Used once (deleted by its callback) or left to expire. What the callback needs
-- beside it (nonce, PKCE verifier) is derived from a secret that only the browser's cookie holds.
create table sign_in_attempt (
    state_hash bytea primary key,
    browser_hash bytea not null,
    -- Where the person wanted to go: a path of this console.
    back text not null constraint sign_in_attempt_back_local check (back like '/%' and back not like '//%'),
    created_at timestamptz not null,
    expires_at timestamptz not null
);
create index sign_in_attempt_by_expiry on sign_in_attempt (expires_at);
grant select, insert, delete on sign_in_attempt to stoa_app;
grant select, delete on sign_in_attempt to stoa_service;

-- The answer to a form that was sent, so that sending it twice does nothing twice.
create table form_answer (
    user_id uuid not null references app_user (id),
    form_id uuid not null,
    route text not null,
    location text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    constraint form_answer_pkey primary key (user_id, form_id)
);
call protect('form_answer', 'user');
create index form_answer_by_expiry on form_answer (expires_at);
grant select, insert on form_answer to stoa_app;
grant select, delete on form_answer to stoa_service;
