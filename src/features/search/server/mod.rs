//! The server's half of search. It has no table: it asks the features that have.

mod asked;
mod pages;
mod things;

pub use asked::{Asked, Named, Wants};
pub use things::Searched;

use crate::{
    destinations::Standing,
    error::AppError,
    server::scope::Scope,
    ui::{Found, FoundGroup},
};

/// So much is found at most.
pub const MOST: usize = 50;
/// And so much of one kind, where several are looked through.
const OF_ONE_KIND: usize = 10;

/// What was found, the nearest first, in groups that are never empty.
pub async fn find<R: Searched>(scope: &mut Scope<R>, standing: &Standing, asked: &Asked) -> Result<Vec<FoundGroup>, AppError> {
    let mut groups = pages::groups(standing, scope.places(), &asked.wants);
    groups.extend(R::things(scope, &asked.wants).await?);
    Ok(at_most(groups, MOST))
}

fn at_most(groups: Vec<FoundGroup>, most: usize) -> Vec<FoundGroup> {
    let mut left = most;
    groups
        .into_iter()
        .map(|mut group| {
            group.found.truncate(left);
            left -= group.found.len();
            group
        })
        .filter(|group| !group.found.is_empty())
        .collect()
}

fn group(heading: &'static str, found: Vec<Found>) -> FoundGroup {
    FoundGroup { heading, found }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::Icon;

    #[test]
    fn what_is_found_ends_somewhere_and_no_group_is_empty() {
        let one = || Found {
            label: "One".to_owned(),
            detail: String::new(),
            icon: Icon::Dot,
            href: "/".to_owned(),
            letter: None,
            is_recorded: false,
        };
        let some = |number| group("Some", vec![one(); number]);
        let sizes = |groups| at_most(groups, 5).iter().map(|group| group.found.len()).collect::<Vec<_>>();
        assert_eq!(sizes(vec![some(3), some(0), some(4), some(1)]), [3, 2]);
        assert_eq!(sizes(vec![some(0)]), Vec::<usize>::new());
    }
}
