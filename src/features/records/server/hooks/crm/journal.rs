//! Entries of the books: what is debited is credited, to the last millionth, on accounts that are there.

use std::collections::HashMap;

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    super::{Change, ResourceHook, Writing},
    lines,
};
use crate::{
    error::AppError,
    features::records::server::references::{self, Referred},
    ids::RecordId,
};

const LEAST: usize = 2;
const MEMO_MAX: usize = 500;

pub struct JournalEntry;

#[async_trait]
impl ResourceHook for JournalEntry {
    async fn before(&self, scope: &mut Writing, change: &mut Change) -> Result<(), AppError> {
        let lines: Vec<Line> = lines::read(change, LEAST)?;
        let total = balance(&lines).map_err(lines::wrong)?;
        let accounts: Vec<RecordId> = lines.iter().map(|line| line.account).collect();
        ask_accounts(&lines, &references::find(scope, &accounts).await?).map_err(lines::wrong)?;
        change.set("total_micros", Some(json!(total)))
    }

    fn schema(&self, field: &str) -> Option<Value> {
        let amount = json!({ "type": ["integer", "null"], "minimum": 1, "maximum": i64::MAX });
        let line = json!({
            "type": "object",
            "required": ["account"],
            "additionalProperties": false,
            "properties": {
                "account": { "type": "string", "pattern": "^rec_[0-9a-z]{26}$" },
                "debit_micros": amount,
                "credit_micros": amount,
                "memo": { "type": ["string", "null"], "maxLength": MEMO_MAX },
            },
            "description": "With one of debit_micros and credit_micros.",
        });
        (field == lines::LINES).then(|| lines::schema(&line, LEAST))
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    account: RecordId,
    debit_micros: Option<i64>,
    credit_micros: Option<i64>,
    memo: Option<String>,
}

/// What is debited, where it is what is credited.
fn balance(lines: &[Line]) -> Result<i64, String> {
    let (mut debits, mut credits) = (0_i128, 0_i128);
    for (place, line) in lines.iter().enumerate() {
        match (line.debit_micros, line.credit_micros) {
            (Some(debit @ 1..), None) => debits += i128::from(debit),
            (None, Some(credit @ 1..)) => credits += i128::from(credit),
            _ => return Err(format!("at [{place}] has not exactly one of debit_micros and credit_micros, above 0")),
        }
        if line.memo.as_ref().is_some_and(|memo| memo.chars().count() > MEMO_MAX) {
            return Err(format!("at [{place}].memo has more than {MEMO_MAX} characters. Shorten it"));
        }
    }
    if debits != credits {
        return Err(format!("are not in balance: debits come to {debits}, and credits to {credits}"));
    }
    i64::try_from(debits).map_err(|_| format!("come to more than {} millionths", i64::MAX))
}

fn ask_accounts(lines: &[Line], found: &HashMap<RecordId, Referred>) -> Result<(), String> {
    for (place, line) in lines.iter().enumerate() {
        if let Some(says) = references::wrong(found.get(&line.account), Some("account")) {
            return Err(format!("at [{place}].account {says}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line(debit_micros: Option<i64>, credit_micros: Option<i64>) -> Line {
        Line { account: RecordId(uuid::Uuid::nil()), debit_micros, credit_micros, memo: None }
    }

    #[test]
    fn a_line_is_a_debit_or_a_credit() {
        for (debit, credit) in [(None, None), (Some(1), Some(1)), (Some(0), None), (None, Some(-1)), (Some(1), Some(0))] {
            let problem = balance(&[line(Some(1), None), line(debit, credit)]).expect_err("refused");
            assert!(problem.starts_with("at [1] "), "{problem}");
        }
        let long = Line { memo: Some("x".repeat(MEMO_MAX + 1)), ..line(Some(1), None) };
        assert!(balance(&[long, line(None, Some(1))]).is_err_and(|problem| problem.contains("[0].memo")));
    }

    #[test]
    fn a_sum_beyond_what_is_kept_is_refused_and_not_wrapped() {
        let most = [line(Some(i64::MAX), None), line(None, Some(i64::MAX))];
        assert_eq!(balance(&most), Ok(i64::MAX));
        let beyond = [most.to_vec(), vec![line(Some(1), None), line(None, Some(1))]].concat();
        assert!(balance(&beyond).is_err_and(|problem| problem.contains("more than")));
        // In 64 bits the debits would come to 1 again.
        let wrapped: Vec<Line> =
            [i64::MAX, i64::MAX, 3].map(|debit| line(Some(debit), None)).into_iter().chain([line(None, Some(1))]).collect();
        assert!(balance(&wrapped).is_err_and(|problem| problem.contains("not in balance")));
    }

    proptest! {
        #[test]
        fn what_balances_is_taken_and_nothing_else(
            amounts in prop::collection::vec(1..=1_000_000_000_000_i64, 1..50),
            cut in any::<prop::sample::Index>(),
            off in prop_oneof![-1000..=-1_i64, 1..=1000_i64],
        ) {
            // The same sum on the other side, in two parts where it can be had in two.
            let sum: i64 = amounts.iter().sum();
            let part = cut.index(usize::try_from(sum).expect("positive")).max(1);
            let part = i64::try_from(part).expect("small");
            let mut lines: Vec<Line> = amounts.iter().map(|amount| line(Some(*amount), None)).collect();
            lines.extend([part, sum - part].into_iter().filter(|amount| *amount > 0).map(|amount| line(None, Some(amount))));
            prop_assert_eq!(balance(&lines), Ok(sum));
            lines.reverse();
            prop_assert_eq!(balance(&lines), Ok(sum));
            let moved = lines[0].debit_micros.or(lines[0].credit_micros).expect("an amount") + off;
            lines[0] = if lines[0].debit_micros.is_some() { line(Some(moved), None) } else { line(None, Some(moved)) };
            prop_assert!(balance(&lines).is_err());
        }
    }
}
