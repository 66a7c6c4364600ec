//! What several pages of a team share: why a form was refused, and what somebody is in.

use leptos::prelude::*;

use crate::{
    access::tenant::ManageTeam,
    error::{AppError, FieldError},
    features::{
        members::server::places::Place,
        teams::server::{self, Colleague},
    },
    ids::MembershipId,
    paths,
    server::{
        http::{Visit, door::RefusedForm},
        scope::TenantScope,
    },
    ui::{Choice, Column, ErrorSummary, Notice, RoleBadge, Table, Tone},
};

/// Why a form was refused, where it was.
#[derive(Clone, Debug, Default)]
pub struct Refusal {
    pub errors: Vec<FieldError>,
    /// What no single field is to blame for.
    pub says: Option<String>,
}

impl Refusal {
    pub fn of<R>(visit: &Visit<R>) -> Self {
        let Some(refused) = &visit.refused else { return Self::default() };
        let is_of_fields = matches!(refused.error, AppError::Invalid(_));
        Self { errors: RefusedForm::field_errors(refused), says: (!is_of_fields).then(|| refused.error.to_string()) }
    }
}

/// The one of the people that an address names.
///
/// # Errors
/// `Gone` for who is not in the team. It is said of whoever left it and of whoever never was in it alike: who asks sees
/// everybody that there is.
pub async fn colleague(scope: &mut TenantScope<ManageTeam>, id: MembershipId) -> Result<Colleague, AppError> {
    match server::colleague(scope, id).await {
        Err(AppError::NotFound) => {
            let list = paths::people(&scope.tenant().slug);
            Err(AppError::gone("This person is not in the team. Whoever was has left it, or was removed.", list, "All people"))
        }
        found => found,
    }
}

#[component]
pub fn RefusalNotice(refusal: Refusal) -> impl IntoView {
    view! {
        {refusal.says.map(|says| view! { <Notice tone=Tone::Warning>{says}</Notice> })}
        <ErrorSummary errors=refusal.errors/>
    }
}

/// The workspaces that somebody is in, and what their going means there.
#[component]
pub fn PlaceTable(#[prop(into)] caption: String, places: Vec<Place>) -> impl IntoView {
    if places.is_empty() {
        return ().into_any();
    }
    let rows = places.into_iter().map(|place| view! { <PlaceRow place=place/> }).collect_view();
    let columns = vec![Column::text("Workspace"), Column::text("Role"), Column::text("Ownership")];
    view! { <Table caption=caption columns=columns>{rows}</Table> }.into_any()
}

#[component]
fn PlaceRow(place: Place) -> impl IntoView {
    let ownership = match (place.is_only_owner, place.is_archived) {
        (true, true) => "Only owner: nobody else can restore it",
        (true, false) => "Only owner",
        (false, _) => "",
    };
    let state = place.is_archived.then_some(" (archived)");
    view! {
        <tr>
            <th scope="row">{place.name}{state}</th>
            <td>{place.role.map(|role| view! { <RoleBadge role=role.name()/> })}</td>
            <td>{ownership}</td>
        </tr>
    }
}

/// The people to choose one of, by name and address.
pub fn choices(people: &[Colleague]) -> Vec<Choice> {
    people.iter().map(|person| Choice::new(person.id.to_string(), format!("{} ({}, {})", person.name, person.email, person.role))).collect()
}
