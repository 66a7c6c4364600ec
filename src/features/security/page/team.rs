//! A team's security page, as addresses.

use super::{change_place, preview_place, show_place};
use crate::{
    access::tenant::ManageTeam,
    error::AppError,
    server::{
        http::{FormAnswer, Page, Submission, Visit},
        scope::InTenant,
    },
};

pub async fn show(visit: Visit<InTenant<ManageTeam>>) -> Result<Page, AppError> {
    show_place(visit, true, None).await
}

pub async fn preview(submission: Submission<InTenant<ManageTeam>>) -> Result<FormAnswer, AppError> {
    preview_place(submission).await
}

pub async fn change(submission: Submission<InTenant<ManageTeam>>) -> Result<FormAnswer, AppError> {
    change_place(submission).await
}
