//! From a lead to a contact, and where asked for to a company and a deal: all of it in one transaction, once.

use async_trait::async_trait;
use serde_json::{Map, Value, json};

use super::super::{Asked, Done, OperationHook, Writing, resource};
use crate::{
    error::{AppError, FieldError},
    features::{
        members,
        records::server::{Record, changing, entry::problem, find, references, schemas},
    },
    ids::{RecordId, UserId},
    server::modules::{Resource, Transition},
};

const EXISTING: &str = "existing_company";

pub struct ConvertLead;

/// What is made, each part with what the conversion itself says of it.
const PARTS: [(&str, &[&str]); 3] = [("contact", &["company"]), ("company", &[]), ("deal", &["company", "contact"])];

#[async_trait]
impl OperationHook for ConvertLead {
    fn input(&self) -> Value {
        let mut properties = Map::new();
        for ((part, own), says) in PARTS.into_iter().zip([
            "Fields of the contact, where they are to be others than the lead's.",
            "With it a company is added: its fields, where they are to be others than the lead's. Its name is the lead's company_name.",
            "With it a deal is added: its fields. Its name is the lead's where nothing is said; its stage is asked for.",
        ]) {
            let mut schema = resource(part).map_or_else(|_| json!({}), |resource| schemas::body(resource, false));
            if let Some(fields) = schema["properties"].as_object_mut() {
                fields.retain(|name, _| !own.contains(&name.as_str()));
            }
            if part == "deal" {
                schema["required"] = json!(["stage"]);
            }
            schema["type"] = json!(["object", "null"]);
            schema["description"] = json!(says);
            properties.insert(part.to_owned(), schema);
        }
        let says = "A company that is there already, instead of a new one.";
        properties.insert(EXISTING.to_owned(), json!({ "type": ["string", "null"], "pattern": "^rec_[0-9a-z]{26}$", "description": says }));
        json!({ "type": "object", "properties": properties, "additionalProperties": false })
    }

    fn output(&self) -> Value {
        let one = |name: &str| resource(name).map_or_else(|_| json!({}), schemas::record);
        let or_none = |name: &str| json!({ "anyOf": [one(name), { "type": "null" }] });
        json!({
            "type": "object",
            "required": ["lead", "contact", "company", "deal"],
            "properties": { "lead": one("lead"), "contact": one("contact"), "company": or_none("company"), "deal": or_none("deal") },
            "additionalProperties": false,
        })
    }

    async fn run(&self, scope: &mut Writing, mut asked: Asked) -> Result<Done, AppError> {
        // Before the body is looked at: of what is not there, nothing is said.
        let lead = asked.hold(scope).await?;
        let transition = ask_open(asked.resource, &lead)?;
        let plan = Plan::read(std::mem::take(&mut asked.body))?;
        let made = make(scope, &lead, plan).await?;
        let became: Vec<_> = [("contact", Some(&made.contact)), ("company", made.company.as_ref()), ("deal", made.deal.as_ref())]
            .into_iter()
            .filter_map(|(field, record)| Some((field, json!(record?.id))))
            .collect();
        let lead = changing::advance(scope, asked.resource, lead, Some(transition), &became).await?;
        let shown = |name: &str, record: &Record| resource(name).map(|resource| record.shown(resource));
        let data = json!({
            "lead": shown("lead", &lead)?,
            "contact": shown("contact", &made.contact)?,
            "company": made.company.map(|company| shown("company", &company)).transpose()?,
            "deal": made.deal.map(|deal| shown("deal", &deal)).transpose()?,
        });
        Ok(Done { data, version: lead.version, once: None })
    }
}

fn ask_open(resource: &'static Resource, lead: &Record) -> Result<&'static Transition, AppError> {
    let transition = resource.transition("convert").ok_or(AppError::Internal)?;
    let status = lead.status.as_deref().unwrap_or_default();
    if transition.from.contains(&status) {
        return Ok(transition);
    }
    Err(AppError::Conflict(match lead.data.get("contact").and_then(Value::as_str) {
        Some(contact) => format!("This lead was converted already, into the contact {contact}."),
        None => format!("This lead is {status}. Reopen it first, and then convert it."),
    }))
}

/// What the body asks for.
struct Plan {
    contact: Map<String, Value>,
    company: Option<Map<String, Value>>,
    existing: Option<String>,
    deal: Option<Map<String, Value>>,
}

impl Plan {
    fn read(mut body: Map<String, Value>) -> Result<Self, AppError> {
        let mut problems = Vec::new();
        let [contact, company, deal] = PARTS.map(|(part, own)| match body.remove(part) {
            None | Some(Value::Null) => None,
            Some(Value::Object(given)) => {
                let said = given.keys().find(|name| own.contains(&name.as_str()));
                problems.extend(said.map(|name| nested(part, &format!("{name} is said by the conversion. Leave it out."))));
                Some(given)
            }
            Some(_) => {
                problems.push(problem(part, "is not an object"));
                None
            }
        });
        let existing = match body.remove(EXISTING) {
            None | Some(Value::Null) => None,
            Some(Value::String(id)) => Some(id),
            Some(_) => {
                problems.push(problem(EXISTING, "is not the id of a record, rec_…"));
                None
            }
        };
        if existing.is_some() && company.is_some() {
            problems.push(problem(EXISTING, "and company are both there: one of them is the company"));
        }
        if let Some(name) = body.keys().next() {
            let shown: String = name.chars().take(80).collect();
            let says = format!("There is no field {shown:?}. Those of a conversion are contact, company, {EXISTING} and deal.");
            problems.push(FieldError { field: "body", message: says });
        }
        if problems.is_empty() {
            return Ok(Self { contact: contact.unwrap_or_default(), company, existing, deal });
        }
        Err(AppError::Invalid(problems))
    }
}

/// What a lead becomes.
struct Made {
    contact: Record,
    company: Option<Record>,
    deal: Option<Record>,
}

async fn make(scope: &mut Writing, lead: &Record, plan: Plan) -> Result<Made, AppError> {
    let lead = &without_whoever_left(scope, lead.clone()).await?;
    let company = match (&plan.existing, plan.company) {
        (Some(existing), _) => Some(existing_company(scope, existing).await?),
        (None, Some(given)) => {
            let of_lead = taken(lead, &[("company_name", "name"), ("owner", "owner")]);
            Some(add(scope, "company", of_lead, given, &[]).await?)
        }
        (None, None) => None,
    };
    let of_company = company.as_ref().map(|company| ("company", company.id));
    let of_lead = taken(lead, &[("name", "name"), ("email", "email"), ("phone", "phone"), ("owner", "owner")]);
    let contact = add(scope, "contact", of_lead, plan.contact, of_company.as_slice()).await?;
    let deal = match plan.deal {
        Some(given) => {
            let known: Vec<_> = of_company.into_iter().chain([("contact", contact.id)]).collect();
            Some(add(scope, "deal", taken(lead, &[("name", "name"), ("owner", "owner")]), given, &known).await?)
        }
        None => None,
    };
    Ok(Made { contact, company, deal })
}

async fn existing_company(scope: &mut Writing, text: &str) -> Result<Record, AppError> {
    let refuse = |says: &str| AppError::Invalid(vec![problem(EXISTING, says)]);
    let id: RecordId = text.parse().map_err(|_| refuse("is not the id of a record, rec_…"))?;
    let found = references::find(scope, &[id]).await?;
    match references::wrong(found.get(&id), Some("company")) {
        Some(says) => Err(refuse(&says)),
        None => find(scope, resource("company")?, id).await,
    }
}

/// What comes of a lead belongs to nobody where its owner is gone: whoever converts it did not name them.
async fn without_whoever_left(scope: &mut Writing, mut lead: Record) -> Result<Record, AppError> {
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    let owner = lead.data.get("owner").and_then(Value::as_str).and_then(|text| text.parse::<UserId>().ok());
    if let Some(owner) = owner
        && members::server::role_of(scope, tenant, workspace, owner).await?.is_none()
    {
        lead.data.remove("owner");
    }
    Ok(lead)
}

/// What of the lead goes on, each by its name there and its name in what is made.
fn taken(lead: &Record, names: &[(&str, &str)]) -> Map<String, Value> {
    names.iter().filter_map(|(from, to)| Some(((*to).to_owned(), lead.data.get(*from)?.clone()))).collect()
}

/// Adds one part: what the lead has, with what is given instead of it, and what is known from the other parts.
async fn add(
    scope: &mut Writing,
    part: &'static str,
    mut body: Map<String, Value>,
    given: Map<String, Value>,
    known: &[(&str, RecordId)],
) -> Result<Record, AppError> {
    // A null empties what the lead has.
    body.extend(given);
    body.extend(known.iter().map(|(name, id)| ((*name).to_owned(), json!(id))));
    changing::create(scope, resource(part)?, body).await.map_err(|error| match error {
        AppError::Invalid(problems) => AppError::Invalid(problems.into_iter().map(|problem| nested(part, &problem.message)).collect()),
        error => error,
    })
}

/// What is wrong within a part, as wrong with the part.
fn nested(part: &'static str, says: &str) -> FieldError {
    FieldError { field: part, message: format!("{part}: {says}") }
}
