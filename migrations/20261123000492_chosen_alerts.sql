-- Which percentages of a limit are told to its people: of what the plan includes and the account's own caps, and of the caps of
-- a workspace and its keys. All of it is always told.

alter table tenant add column alert_percents smallint[] not null default '{50,80,95,100}'
    constraint tenant_alert_percents_known check (alert_percents <@ '{50,80,95,100}' and 100 = any (alert_percents));
grant update (alert_percents) on tenant to stoa_app, stoa_service;

alter table workspace add column alert_percents smallint[] not null default '{50,80,95,100}'
    constraint workspace_alert_percents_known check (alert_percents <@ '{50,80,95,100}' and 100 = any (alert_percents));
grant update (alert_percents) on workspace to stoa_app, stoa_service;

-- Its place was taken by `spend_alert`.
alter table spend_cap drop column told_month;
