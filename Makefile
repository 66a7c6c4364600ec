# What people run. Each line is one thing; how it is done is in scripts/.
.PHONY: demo test setup dev check unit e2e bench prove sql golden fmt

demo: ; @scripts/demo           # set up, build, and bring Stoa up at http://127.0.0.1:3000
test: ; @scripts/test           # everything a change must pass
setup: ; @scripts/setup test    # install what is missing, nothing else
dev: ; @scripts/dev             # debug build, restarted by hand; quick to change
check: ; @scripts/check         # formatting, lints, statements, dependencies
unit: ; @scripts/integration    # unit and integration tests
e2e: ; @scripts/end2end         # what only a browser shows
bench: ; @scripts/bench         # ratios against a bound of the same run
prove: ; @scripts/prove         # the long version: figures for docs/measurements
sql: ; @scripts/sql write       # renew .sqlx after changing a statement
golden: ; @STOA_GOLDEN=write scripts/integration the_policy_is the_doors_are the_events_are the_operations_are what_only_the_console_can_do the_matrix_is
fmt: ; @cargo fmt
