//! What an invoice comes to, and what of it may still change: a customer who was sent one can rely on it.

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    super::{Change, ResourceHook, Writing},
    lines,
};
use crate::{
    error::AppError,
    features::records::server::{Listing, Order, Record, entry::problem, list},
    server::modules::Indexed,
};

const DESCRIPTION_MAX: usize = 500;
const QUANTITY_MAX: i64 = 1_000_000;
/// What a customer owes, to whom, and by which number.
const SETTLED_WHEN_SENT: [&str; 7] = ["number", "company", "contact", "currency", "lines", "issued_on", "deal"];

pub struct Invoice;

#[async_trait]
impl ResourceHook for Invoice {
    async fn before(&self, scope: &mut Writing, change: &mut Change) -> Result<(), AppError> {
        ask_unsettled(change)?;
        if change.changes(lines::LINES) {
            let total = total(&lines::read(change, 1)?).map_err(lines::wrong)?;
            change.set("total_micros", Some(json!(total)))?;
        }
        if change.is_new() {
            change.set("paid_micros", Some(json!(0)))?;
        }
        if change.comes_to("sent") && change.value("issued_on").is_none() {
            change.set("issued_on", Some(json!(scope.now().date_naive())))?;
        }
        let refusal = if change.comes_to("sent") && micros(&change.after, "total_micros") == 0 {
            "This invoice comes to 0: there is nothing to be paid. Add a line, or make it void."
        } else if change.comes_to("void") && micros(&change.after, "paid_micros") > 0 {
            "Payments were made on this invoice, so that it cannot be void. Take each back first: add it once more, below zero."
        } else if change.is_put_away() && change.after.status.as_deref() == Some("sent") {
            "This invoice is owed. Make it void, or wait until it is paid, and then put it away."
        } else {
            return Ok(());
        };
        Err(AppError::Conflict(refusal.to_owned()))
    }

    /// Afterwards: whoever was putting the other one away has done so by now.
    async fn after(&self, scope: &mut Writing, change: &Change) -> Result<(), AppError> {
        if !change.changes("number") {
            return Ok(());
        }
        let number = Indexed::Text(change.text("number").unwrap_or_default().to_lowercase());
        let order = Order::Added { newest_first: true };
        let same = Listing { archived: true, words: None, filters: vec![("number", number)], order, after: None, most: 100 };
        let mut put_away = list(scope, change.resource, &same).await?.into_iter();
        if put_away.any(|other| other.status.as_deref() != Some("draft")) {
            let says = "was that of an invoice that was sent, and is put away. Choose another one: numbers are given once";
            return Err(AppError::Invalid(vec![problem("number", says)]));
        }
        Ok(())
    }

    /// A number is given once, which the invoices that have it say.
    fn is_kept(&self) -> bool {
        true
    }

    fn schema(&self, field: &str) -> Option<Value> {
        let line = json!({
            "type": "object",
            "required": ["description", "unit_micros"],
            "additionalProperties": false,
            "properties": {
                "description": { "type": "string", "minLength": 1, "maxLength": DESCRIPTION_MAX },
                "quantity": { "type": "integer", "minimum": 1, "maximum": QUANTITY_MAX, "default": 1 },
                "unit_micros": { "type": "integer", "description": "In millionths of the currency; below zero for a discount." },
            },
        });
        (field == lines::LINES).then(|| lines::schema(&line, 1))
    }
}

/// The amount that a record has in a field; 0 for none.
pub fn micros(record: &Record, field: &str) -> i64 {
    record.data.get(field).and_then(Value::as_i64).unwrap_or_default()
}

fn ask_unsettled(change: &Change) -> Result<(), AppError> {
    let Some(status) = change.before.as_ref().and_then(|before| before.status.as_deref()).filter(|status| *status != "draft") else {
        return Ok(());
    };
    match SETTLED_WHEN_SENT.into_iter().find(|field| change.changes(field)) {
        Some(field) => Err(AppError::Conflict(format!(
            "This invoice is {status}, and {field} changes in a draft alone. Make it void where that is possible, and add another."
        ))),
        None => Ok(()),
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    description: String,
    #[serde(default = "one")]
    quantity: i64,
    unit_micros: i64,
}

fn one() -> i64 {
    1
}

/// Exactly, and never less than nothing.
fn total(lines: &[Line]) -> Result<i64, String> {
    let mut total = 0_i128;
    for (place, line) in lines.iter().enumerate() {
        let length = line.description.trim().chars().count();
        if !(1..=DESCRIPTION_MAX).contains(&length) {
            return Err(format!("at [{place}].description has {length} characters, and not 1 to {DESCRIPTION_MAX}"));
        }
        if !(1..=QUANTITY_MAX).contains(&line.quantity) {
            return Err(format!("at [{place}].quantity is not a whole number from 1 to {QUANTITY_MAX}"));
        }
        // At most 200 lines of 2^20 times 2^63: far within 128 bits.
        total += i128::from(line.quantity) * i128::from(line.unit_micros);
    }
    match i64::try_from(total) {
        Ok(total) if total >= 0 => Ok(total),
        Ok(_) => Err("come to less than 0. Take a discount away".to_owned()),
        Err(_) => Err(format!("come to more than {} millionths", i64::MAX)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line(quantity: i64, unit_micros: i64) -> Line {
        Line { description: "Work".to_owned(), quantity, unit_micros }
    }

    #[test]
    fn a_total_is_exact_or_refused() {
        assert_eq!(total(&[line(3, 25_500_000), line(1, -500_000)]), Ok(76_000_000));
        assert_eq!(total(&[line(1, i64::MAX)]), Ok(i64::MAX));
        for (lines, says) in [
            (vec![line(1, i64::MAX), line(1, 1)], "more than"),
            (vec![line(QUANTITY_MAX, i64::MAX)], "more than"),
            (vec![line(1, 1), line(1, -2)], "less than 0"),
            (vec![line(1, 1), line(0, 1)], "[1].quantity"),
            (vec![Line { description: " ".to_owned(), ..line(1, 1) }], "[0].description"),
        ] {
            let problem = total(&lines).expect_err(says);
            assert!(problem.contains(says), "{problem}");
        }
    }

    proptest! {
        #[test]
        fn the_order_of_lines_is_nothing_to_the_total(mut amounts in prop::collection::vec((1..=QUANTITY_MAX, any::<i64>()), 1..20)) {
            let sum = |amounts: &[(i64, i64)]| total(&amounts.iter().map(|(quantity, unit)| line(*quantity, *unit)).collect::<Vec<_>>());
            let forth = sum(&amounts);
            amounts.reverse();
            prop_assert_eq!(forth, sum(&amounts));
        }
    }
}
