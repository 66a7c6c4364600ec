-- Ids and slugs never change. The application may update what does change, column by column, and no identifier: no
-- fault of its statements can give a thing another name, or move it to another place. A workspace that moves takes its
-- rows along through move_workspace and the cascades of its keys. A column that is added later and changes needs a
-- grant of its own.

revoke update on tenant, tenant_membership, workspace, workspace_membership, workspace_grant, invitation, api_key,
    idempotent_answer, denial, session from stoa_app;
grant update (
    kind, name, status, plan, default_role, members_create_workspaces, allowed_domains, deleted_at, purge_at,
    idle_minutes, absolute_hours, require_multi_factor, allowed_networks, version, updated_at
) on tenant to stoa_app;
grant update (role) on tenant_membership to stoa_app;
grant update (
    name, status, archived_at, archived_by, purge_at, idle_minutes, absolute_hours, require_multi_factor,
    allowed_networks, credential_days, notify, on_leak, version, updated_at
) on workspace to stoa_app;
grant update (status, joined_at, ends_at, ended_at, suspended_with_workspace, version) on workspace_membership to stoa_app;
grant update (role, granted_at) on workspace_grant to stoa_app;
grant update (
    role, ends_at, invited_by, status, secret_hash, link_version, link_mail, expires_at, accepted_at, accepted_by,
    revoked_at, version
) on invitation to stoa_app;
grant update (name, steward, max_role, handed_over_at, scopes, status, reason, expires_at, revoked_at, warned_days, version) on api_key to stoa_app;
grant update (body_hash, status, answer, created_at, expires_at) on idempotent_answer to stoa_app;
grant update (
    actor_name, permission, route, request_id, ip, user_agent, since, waiting, due, due_since
) on denial to stoa_app;
grant update (last_act, last_act_at) on session to stoa_app;

-- A person keeps the identity that they came with, whoever asks.
revoke update on app_user from stoa_service;
grant update (email, email_verified, name, time_zone, theme, operator, version, updated_at) on app_user to stoa_service;
