-- Nothing is switched on in a workspace that is archived; what comes back with a workspace does so once it is live again.
create trigger only_in_a_live_workspace before insert on module_switch
    for each row when (new.enabled) execute function only_in_a_live_workspace();
create trigger only_in_a_live_workspace_again before update of enabled on module_switch
    for each row when (new.enabled and not old.enabled) execute function only_in_a_live_workspace();
