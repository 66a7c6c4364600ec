//! Data & Insights: what is stored now, how it grew, what it costs a day, and the ways to less of it.

mod drawing;
mod held;

use http::StatusCode;
use leptos::prelude::*;

use super::server::{self, Asked, Figures, RANGES, sized};
use crate::{
    access::{Extent, WorkspacePermission, workspace::ReadWorkspace},
    error::AppError,
    features::reductions::{self, server::Reduction},
    paths,
    server::{
        Reader,
        http::{Download, Page, Visit},
        modules,
        scope::InWorkspace,
    },
    ui::{Choice, Description, DescriptionList, EmptyState, FilterBar, FilterProblems, FilterSelect, Icon, LinkButton, PageHeader},
};

/// What the page shows.
struct Shown {
    slug: String,
    asked: Asked,
    figures: Figures,
    reductions: Vec<Reduction>,
    sees_money: bool,
    /// Whether the person may reduce what is stored.
    may_reduce: bool,
    reader: Reader,
}

pub async fn show(mut visit: Visit<InWorkspace<ReadWorkspace>>) -> Result<Page, AppError> {
    let reader = visit.reader();
    let asked = Asked::read(&visit.query, reader.now);
    let figures = server::figures(&mut visit.scope, asked.first, asked.last).await?;
    let reductions = reductions::server::recent(&mut visit.scope).await?;
    let sees = |permission| visit.scope.reach().extent_of(permission) == Extent::Everything;
    let shown = Shown {
        slug: visit.scope.workspace().slug.clone(),
        sees_money: sees(WorkspacePermission::ReadSpend),
        may_reduce: sees(WorkspacePermission::ManageSettings),
        asked,
        figures,
        reductions,
        reader,
    };
    let surroundings = visit.surroundings();
    visit.scope.close().await?;
    let status = if shown.asked.problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok(Page::framed("Data & Insights", surroundings, move || shown.view()).with_status(status))
}

/// The days that the page draws for the same address.
///
/// # Errors
/// `Malformed` where something of it cannot be understood.
pub async fn save(mut visit: Visit<InWorkspace<ReadWorkspace>>) -> Result<Download, AppError> {
    let asked = Asked::read(&visit.query, visit.scope.now());
    if !asked.problems.is_empty() {
        return Err(AppError::Malformed("something of what it asks for cannot be understood; the page names it"));
    }
    let figures = server::figures(&mut visit.scope, asked.first, asked.last).await?;
    let csv = server::export(&mut visit.scope, &asked, &figures)?;
    let name = format!("storage-{}-{}.csv", visit.scope.workspace().slug, asked.last);
    visit.scope.commit().await?;
    Ok(Download::csv(name, csv))
}

/// A module by its name, or by its key where no manifest has it any more.
fn module_name(key: &str) -> String {
    modules::find(key).map_or_else(|| key.to_owned(), |module| module.manifest.name.clone())
}

impl Shown {
    fn view(self) -> impl IntoView {
        let address = paths::data(&self.slug);
        let save = paths::asking(&paths::data_csv(&self.slug), &[("range", self.asked.range)]);
        let is_empty = self.figures.now.is_empty() && self.figures.days.is_empty();
        let choices = RANGES.map(|(name, says, _)| Choice::new(name, says)).to_vec();
        let (range, problems) = (self.asked.range, self.asked.problems.clone());
        let reductions = reductions::page::recent(&self.slug, &self.reductions, &self.reader);
        let content = if is_empty {
            let says = "What the modules keep is counted here as it is added: records by their JSON, files by their bytes.";
            view! { <EmptyState icon=Icon::Data title="Nothing is stored yet" explanation=says/> }.into_any()
        } else {
            view! { {self.totals()} {drawing::view(&self)} {held::view(&self)} }.into_any()
        };
        view! {
            <PageHeader title="Data & Insights" purpose="What this workspace stores, how that grows, and what it costs a day.">
                <LinkButton href=paths::record_retention(&self.slug)>"Record retention"</LinkButton>
                <LinkButton href=save icon=Icon::Download download=true>"Download CSV"</LinkButton>
            </PageHeader>
            <FilterProblems says="This could not be understood" problems=problems/>
            <FilterBar action=address>
                <FilterSelect name="range" label="Time" choices=choices value=range/>
            </FilterBar>
            {content}
            {reductions}
        }
    }

    fn totals(&self) -> impl IntoView + use<> {
        let sum = |of: fn(&server::Held) -> i64| self.figures.now.iter().map(of).sum::<i64>();
        let (bytes, archived) = (sum(server::Held::bytes), sum(server::Held::archived_in_all));
        let cost = self.sees_money.then(|| server::cost_of_a_day(bytes, self.reader.now).exact());
        let cost = cost.map(|cost| view! { <Description term="A day, at today's rate">{cost}</Description> });
        view! {
            <DescriptionList>
                <Description term="Stored now"><strong>{sized(bytes)}</strong></Description>
                <Description term="Of that archived">{sized(archived)}</Description>
                {cost}
            </DescriptionList>
        }
    }
}
