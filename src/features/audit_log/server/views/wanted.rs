//! What a view is to be, as it was entered and understood.

use chrono::NaiveDate;

use super::View;
use crate::{
    error::AppError,
    features::audit_log::server::{
        Asked, LINE,
        bound::{Bound, Within},
    },
    server::{
        http::{door::Parameters, form::line_of},
        scope::{HasPerson, Reach, Scope},
    },
};

pub const NAME_MAX: usize = 60;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub name: String,
    pub line: String,
    pub within: Option<String>,
    pub from_day: Option<NaiveDate>,
    pub to_day: Option<NaiveDate>,
}

impl Wanted {
    /// From what was entered: a name, and what the list's own filters say.
    ///
    /// # Errors
    /// `Invalid` with every field that cannot be taken.
    pub fn read<R: Reach + HasPerson>(scope: &Scope<R>, entered: impl Fn(&str) -> String) -> Result<Self, AppError> {
        let name = line_of("name", "The name", NAME_MAX, &entered("name"));
        let query: Parameters = [LINE, "range", "from", "to"].into_iter().map(|field| (field.to_owned(), entered(field))).collect();
        let asked = Asked::read(&query, &scope.person().time_zone, scope.now());
        let mut problems = asked.problems;
        if problems.is_empty() && asked.filter.is_empty() {
            problems.push(crate::error::FieldError {
                field: LINE,
                message: "The view looks for nothing. Enter a line, or choose a time.".to_owned(),
            });
        }
        match name {
            Ok(name) if problems.is_empty() => Ok(Self::of_filter(name, &asked.filter)),
            Err(AppError::Invalid(wrong)) => Err(AppError::Invalid(wrong.into_iter().chain(problems).collect())),
            Err(error) => Err(error),
            Ok(_) => Err(AppError::Invalid(problems)),
        }
    }

    fn of_filter(name: String, filter: &crate::features::audit_log::server::Filter) -> Self {
        let day = |bound: Option<Bound>| match bound {
            Some(Bound::Day(day)) if filter.within.is_none() => Some(day),
            _ => None,
        };
        Self {
            name,
            line: filter.line.text().to_owned(),
            within: filter.within.map(|within| Within::name(within).to_owned()),
            from_day: day(filter.from),
            to_day: day(filter.to),
        }
    }

    /// What is kept.
    pub fn of(view: &View) -> Self {
        Self { name: view.name.clone(), line: view.line.clone(), within: view.within.clone(), from_day: view.from_day, to_day: view.to_day }
    }

    /// Field by field, as the log says it.
    pub fn said(&self) -> [(&'static str, Option<String>); 5] {
        [
            ("name", Some(self.name.clone())),
            (LINE, Some(self.line.clone()).filter(|line| !line.is_empty())),
            ("range", self.within.clone()),
            ("from", self.from_day.map(|day| day.to_string())),
            ("to", self.to_day.map(|day| day.to_string())),
        ]
    }

    /// The filters of the list, as an address spells them.
    pub fn parts(&self) -> Vec<(&'static str, String)> {
        self.said().into_iter().skip(1).filter_map(|(name, value)| Some((name, value?))).collect()
    }
}
