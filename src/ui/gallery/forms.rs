//! The gallery's forms: each kind of field, empty, filled and refused.

use leptos::prelude::*;

use crate::{
    error::FieldError,
    paths,
    ui::{
        Actions, Button, ButtonKind, Checkbox, CheckboxGroup, Choice, ErrorSummary, Field, Form, LinkButton, RadioGroup, Section, Select,
        TextArea, error_of,
    },
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
        <Section heading="Long texts and checkboxes">
            <Form action=paths::GALLERY key="frm_00000000000000000000000002">
                <LongFields/>
                <Button>"Send"</Button>
            </Form>
        </Section>
    }
}

#[component]
fn LongFields() -> impl IntoView {
    let too_long = Some("Use at most 40 characters.".to_owned());
    let unchecked = Some("Tick this to go on.".to_owned());
    view! {
        <TextArea
            name="reason"
            label="Reason"
            value="A text that goes on for longer than it may."
            rows=3
            help="Seen in the audit log."
            error=too_long
        />
        <TextArea name="note" label="Note" maxlength=500 optional=true/>
        <Checkbox name="mail" label="Send me e-mail about this" checked=true/>
        <Checkbox name="digest" label="Once a day instead of at once" help="At eight in the morning, your time."/>
        <Checkbox name="agreed" label="I know that calls stop at once" error=unchecked/>
        <CheckboxGroup
            name="scopes"
            legend="Scopes"
            choices=roles()
            checked=vec!["readonly".to_owned()]
            help="As few as it needs."
            error=Some("Choose one at least.".to_owned())
        />
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
