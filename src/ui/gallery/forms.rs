//! The gallery's forms: each kind of field, filled, refused and confirmed.

use leptos::prelude::*;

use crate::{
    error::FieldError,
    paths,
    ui::{Actions, Button, ButtonKind, Choice, ErrorSummary, Field, Form, LinkButton, RadioGroup, Section, Select, error_of},
};

#[component]
pub fn Forms() -> impl IntoView {
    let errors = vec![
        FieldError { field: "name", message: "Enter a name of at most 64 characters.".to_owned() },
        FieldError { field: "role", message: "Choose a role.".to_owned() },
    ];
    let name_error = error_of(&errors, "name");
    let role_error = error_of(&errors, "role");
    view! {
        <Section heading="Forms" purpose="Values are kept after an error; the summary takes the focus.">
            <ErrorSummary errors=errors/>
            <Form action=paths::GALLERY key="frm_00000000000000000000000000" place="gallery">
                <Field name="name" label="Name" value="  " maxlength=64 error=name_error/>
                <Field
                    name="email"
                    label="E-mail"
                    input_type="email"
                    autocomplete="email"
                    help="Invitations are sent here."
                    optional=true
                />
                <Select name="zone" label="Time zone" choices=zones() value="utc"/>
                <RadioGroup name="role" legend="Role" choices=roles() error=role_error/>
                <Actions>
                    <Button kind=ButtonKind::Primary>"Save"</Button>
                    <LinkButton href=paths::GALLERY kind=ButtonKind::Quiet>"Cancel"</LinkButton>
                </Actions>
            </Form>
        </Section>
        <Section heading="Confirm typing">
            <Form action=paths::GALLERY key="frm_00000000000000000000000001">
                <Field
                    name="phrase"
                    label="Type payments-x7q2 to delete it"
                    confirm_phrase="payments-x7q2"
                />
                <Button kind=ButtonKind::Danger>"Delete for good"</Button>
            </Form>
        </Section>
    }
}

fn zones() -> Vec<Choice> {
    vec![Choice::new("utc", "UTC"), Choice::new("athens", "Athens"), Choice::new("toronto", "Toronto")]
}

fn roles() -> Vec<Choice> {
    vec![
        Choice::new("admin", "Admin").meaning("Manages members, keys and webhooks."),
        Choice::new("readonly", "Read only").meaning("Sees everything, changes nothing."),
    ]
}
