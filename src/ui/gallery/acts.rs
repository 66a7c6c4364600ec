//! The gallery's grave acts: what they count, what must be typed, and what is shown once.

use leptos::prelude::*;

use crate::{
    paths,
    ui::{
        Actions, Banner, Button, ButtonKind, Form, Inventory, InventoryLine, Kept, LinkButton, SecretOnce, Section, Steps, Tone,
        TypedPhrase,
    },
};

const PHRASE: &str = "payments-x7q2";

#[component]
pub fn Acts() -> impl IntoView {
    let banners = Tone::ALL
        .into_iter()
        .map(|tone| {
            let text = format!("A banner whose tone is {tone:?}. ");
            view! { <Banner tone=tone>{text}<a href=paths::GALLERY>"A link in it"</a></Banner> }
        })
        .collect_view();
    view! {
        <Section heading="Banners" purpose="Under the top bar of every page, for as long as it is so.">{banners}</Section>
        <Section heading="Steps">
            <Steps>
                <li><a class="link" href=paths::GALLERY>"Copy the address"</a>" to whom you invited."</li>
                <li>"They open it and sign in with the invited e-mail address."</li>
                <li>"You see them among the members."</li>
            </Steps>
        </Section>
        <Section heading="A secret, once">
            <SecretOnce
                label="Invitation link"
                value="https://console.example.com/invitations/inv_2c9KxQm7V4tYbR8sLw3ZpD6fNh1JgTa5"
                explanation="Whoever has it and the invited address can join. If it is lost, make a new one."
                done=paths::GALLERY
            />
        </Section>
        <Kept form=paths::GALLERY entered=vec![("name".to_owned(), "Payments".to_owned()), ("expires_in_days".to_owned(), "30".to_owned())]/>
        <Section heading="Confirming" purpose="Counted first, typed where it cannot be undone.">
            <Inventory lines=inventory()/>
            <Confirmation id="confirming-phrase"/>
        </Section>
        <Section heading="Confirming, refused">
            <Confirmation id="refused-phrase" error="Type the slug exactly as it is shown."/>
        </Section>
    }
}

#[component]
fn Confirmation(id: &'static str, #[prop(optional, into)] error: Option<String>) -> impl IntoView {
    view! {
        <Form action=paths::GALLERY key="frm_00000000000000000000000001">
            <TypedPhrase phrase=PHRASE error=error id=id/>
            <Actions>
                <Button kind=ButtonKind::Danger>"Delete for good"</Button>
                <LinkButton href=paths::GALLERY kind=ButtonKind::Quiet>"Cancel"</LinkButton>
            </Actions>
        </Form>
    }
}

fn inventory() -> Vec<InventoryLine> {
    vec![
        InventoryLine::stops(1204, "API keys"),
        InventoryLine::stops(1, "open invitation"),
        InventoryLine::stays(48_210, "entries in the audit log"),
        InventoryLine::returns(17, "members with their roles"),
        InventoryLine::returns(3, "webhooks"),
    ]
}
