//! The figures, told anew when they changed.

use chrono::TimeDelta;
use leptos::prelude::*;

use super::{Shown, load, refuse_problems};
use crate::{
    error::AppError,
    features::usage::server::{self, Asked, Metered, Source, Total},
    paths,
    server::http::{
        Visit,
        door::Since,
        live::{Came, Piece, spelled},
        page::without_markers,
    },
    ui::Live,
};

/// The element that what is told takes the place of.
pub const FIGURES: &str = "usage-figures";
/// Of a workspace that is called all the time, figures are told no more often than that.
const BETWEEN: TimeDelta = TimeDelta::seconds(2);

/// The figures that the address asks for, where they are others than those told last or `seen` in the page. While nothing is used a look
/// is one probe of an index.
///
/// # Errors
/// `Malformed` where something of the address cannot be understood.
pub async fn tell<R: Metered>(mut visit: Visit<R>, since: Since) -> Result<Came, AppError> {
    let (source, reader) = (R::source(&visit.scope), visit.reader());
    let asked = Asked::read(&visit.query, &reader.zone, reader.now);
    refuse_problems(asked.problems.is_empty())?;
    let known = since.last.clone().unwrap_or_else(|| visit.asked("seen").to_owned());
    let is_due = since.is_first || reader.now - since.told_at() >= BETWEEN;
    let scope = &mut visit.scope;
    let has_changed = is_due
        && server::came_since(scope, &source, since.at).await?
        && mark(&source, server::total_of(scope, &source, &asked.times, &asked.filter).await?) != known;
    let shown = if has_changed { Some(load(scope, source, asked, reader).await?) } else { None };
    visit.scope.close().await?;
    let piece = |shown: Shown| {
        let (id, at) = (mark(&shown.source, shown.figures.total), shown.reader.now);
        Piece { id, at, html: Box::new(move || without_markers(&shown.told().to_html())) }
    };
    Ok(Came { is_cut: false, pieces: shown.into_iter().map(piece).collect() })
}

/// Another one where the figures are others: what was used is only ever added to.
fn mark(source: &Source, total: Total) -> String {
    if source.sees_money { format!("{}-{}", total.events, total.nanos) } else { total.events.to_string() }
}

impl Shown {
    /// The switch, where figures can still change.
    pub fn switch(&self) -> Option<impl IntoView + use<>> {
        let goes_on = self.source.is_live && self.asked.problems.is_empty() && self.asked.times.end > self.reader.now;
        goes_on.then(|| {
            let of_table = ("page", self.asked.entered("page"));
            let seen = ("seen", mark(&self.source, self.figures.total));
            let told = self.asked.address(&paths::usage_live(&self.source.address), &[of_table.clone(), seen]);
            let page = self.asked.address(&self.source.address, &[of_table]);
            view! { <Live address=told since=spelled(self.reader.now) page=page figures=FIGURES/> }
        })
    }
}
