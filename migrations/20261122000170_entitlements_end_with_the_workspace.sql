-- An override that the operator sets while the workspace is being archived must not outlive the archiving.
create trigger only_in_a_live_workspace before insert on entitlement
    for each row execute function only_in_a_live_workspace();
