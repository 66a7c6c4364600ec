//! What somebody can begin with in a new workspace. Each step goes when it is done, and the part when nothing is left.

use leptos::prelude::*;

use crate::{
    access::{WorkspacePermission, workspace::ReadWorkspace},
    error::AppError,
    features::{api_keys, members, teams, workspaces},
    paths,
    server::scope::WorkspaceScope,
    ui::{Section, Steps},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Name,
    Invite,
    CreateKey,
    Call,
}

impl Step {
    /// What is not done yet of what the person may do, in order. `are_invited` says whether somebody is on the way.
    pub async fn open(scope: &mut WorkspaceScope<ReadWorkspace>, are_invited: bool) -> Result<Vec<Self>, AppError> {
        let (role, name) = (scope.role(), scope.workspace().name.clone());
        // A personal account has one person: it invites nobody.
        let is_team = scope.tenant().kind != teams::server::PERSONAL;
        let mut steps = Vec::new();
        if role.may(WorkspacePermission::RenameWorkspace) && name == workspaces::FIRST_NAME {
            steps.push(Self::Name);
        }
        if role.may(WorkspacePermission::ManageMembers) && is_team && !are_invited && !members::server::are_others(scope).await? {
            steps.push(Self::Invite);
        }
        if role.may(WorkspacePermission::ManageCredentials) {
            let (exists, is_used) = api_keys::server::beginnings(scope).await?;
            steps.extend((!exists).then_some(Self::CreateKey));
            steps.extend((!is_used).then_some(Self::Call));
        }
        Ok(steps)
    }

    /// Where it is done, what the link there says, and what follows it.
    fn words(self, workspace: &str) -> (String, &'static str, &'static str) {
        match self {
            Self::Name => {
                (paths::settings(workspace), "Give this workspace a name", " that your colleagues will recognise. Its slug stays as it is.")
            }
            Self::Invite => (paths::invite(workspace), "Invite your colleagues", ", each with the role that fits."),
            Self::CreateKey => (
                paths::new_api_key(workspace),
                "Create an API key",
                " with the scopes that your application needs. Its secret is shown once.",
            ),
            Self::Call => ("#first-call".to_owned(), "Make your first call", " with the key: the commands below work as they stand there."),
        }
    }
}

#[component]
pub fn FirstSteps(slug: String, steps: Vec<Step>) -> impl IntoView {
    if steps.is_empty() {
        return ().into_any();
    }
    let steps = steps
        .into_iter()
        .map(move |step| {
            let (href, what, why) = step.words(&slug);
            view! { <li><a class="link" href=href>{what}</a>{why}</li> }
        })
        .collect_view();
    view! {
        <Section heading="First steps" purpose="A minute each. What is done goes from here.">
            <Steps>{steps}</Steps>
        </Section>
    }
    .into_any()
}
