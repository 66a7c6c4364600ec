//! What holds after every round, straight from the tables.

use super::Crowd;

impl Crowd {
    pub async fn holds(&self, after: &str) {
        for (what, sql) in [
            (
                "a live workspace without an owner",
                "select count(*) from workspace where status = 'active' and not exists (
                     select from workspace_membership as member
                     join workspace_grant as granted on granted.membership_id = member.id and granted.role = 'owner'
                     where member.workspace_id = workspace.workspace_id and member.status = 'active')",
            ),
            (
                "a tenant without an owner",
                "select count(*) from tenant where status = 'active' and not exists (
                     select from tenant_membership as belongs where belongs.tenant_id = tenant.tenant_id and belongs.role = 'owner')",
            ),
            (
                "a key without a steward",
                "select count(*) from api_key where status <> 'revoked' and not exists (
                     select from workspace_membership as member
                     where member.workspace_id = api_key.workspace_id and member.user_id = api_key.steward and member.status = 'active')",
            ),
            (
                "an invitation without an inviter",
                "select count(*) from invitation where status = 'pending' and not exists (
                     select from workspace_membership as member
                     where member.workspace_id = invitation.workspace_id and member.user_id = invitation.invited_by
                       and member.status = 'active')",
            ),
            (
                "a role without a membership",
                "select count(*) from workspace_grant where not exists (
                     select from workspace_membership as member where member.id = membership_id and member.status <> 'ended')",
            ),
        ] {
            assert_eq!(self.console.database.count(sql).await, 0, "{what} after {after}");
        }
    }
}
