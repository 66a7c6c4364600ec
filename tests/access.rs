//! The policy, written out: a change to it shows up as a diff of a golden file.

use stoa::access::{Extent, TenantPermission, TenantRole, WorkspacePermission, WorkspaceRole};

use crate::support::golden;

#[test]
fn the_policy_is_this_table() {
    let mut table = String::from("tenant permission           owner    billing  member\n");
    for permission in TenantPermission::ALL {
        table += &format!("{permission:<27}");
        for role in TenantRole::ALL {
            table += &format!(" {:<8}", if role.may(*permission) { "yes" } else { "-" });
        }
        table = table.trim_end().to_owned() + "\n";
    }
    table += "\nworkspace permission        owner    admin    member   readonly\n";
    for permission in WorkspacePermission::ALL {
        table += &format!("{permission:<27}");
        for role in WorkspaceRole::ALL {
            let mark = match role.extent(*permission) {
                Extent::Everything => "yes",
                Extent::Own => "own",
                Extent::Reading => "reading",
                Extent::Nothing => "-",
            };
            table += &format!(" {mark:<8}");
        }
        table = table.trim_end().to_owned() + "\n";
    }
    golden::check("access.txt", &table);
}

#[test]
fn whoever_is_refused_is_told_who_can() {
    for permission in WorkspacePermission::ALL {
        assert!(!stoa::access::workspace_roles_with(*permission).is_empty(), "{permission} is held by nobody");
    }
    for permission in TenantPermission::ALL {
        assert!(!stoa::access::tenant_roles_with(*permission).is_empty(), "{permission} is held by nobody");
    }
}
