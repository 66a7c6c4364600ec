insert into audit_drain (name, log_id, next_seq) values ('file', '01890a5d-ac96-774b-bcce-b302099a8201', 1);
