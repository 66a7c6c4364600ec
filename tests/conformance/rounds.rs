//! Tools and prompts that ask back and are called again with the answers (SEP-2322), of revision 2026-07-28.

use std::sync::LazyLock;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::hmac;
use rmcp::{
    ErrorData, RoleServer,
    model::{CallToolRequestParams, CallToolResponse, CallToolResult, GetPromptRequestParams, InputRequiredResult},
    service::RequestContext as Asked,
};
use serde_json::{Value, json};

use super::fixtures::{made, result};

/// What a state is sealed with: of this process alone.
static SEAL: LazyLock<hmac::Key> = LazyLock::new(|| hmac::Key::new(hmac::HMAC_SHA256, &stoa::server::chance::bytes::<32>()));

pub fn elicitation(message: &str, schema: &Value) -> Value {
    json!({ "method": "elicitation/create", "params": { "mode": "form", "message": message, "requestedSchema": schema } })
}

pub fn sampling(prompt: &str, tokens: u32) -> Value {
    let message = json!({ "role": "user", "content": { "type": "text", "text": prompt } });
    json!({ "method": "sampling/createMessage", "params": { "messages": [message], "maxTokens": tokens } })
}

fn roots() -> Value {
    json!({ "method": "roots/list", "params": {} })
}

fn schema(field: &str, kind: &str) -> Value {
    json!({ "type": "object", "properties": { field: { "type": kind } }, "required": [field] })
}

pub fn user() -> Value {
    json!({ "type": "object", "properties": {
        "username": { "type": "string", "description": "User's response" },
        "email": { "type": "string", "description": "User's email address" },
    }, "required": ["username", "email"] })
}

fn sealed(state: &str) -> String {
    let tag = hmac::sign(&SEAL, state.as_bytes());
    format!("{state}.{}", URL_SAFE_NO_PAD.encode(tag.as_ref()))
}

/// What was sealed here, and nothing else.
fn opened(state: &str) -> Result<&str, ErrorData> {
    let untrue = || ErrorData::invalid_params("requestState is not what was handed out.", None);
    let (state, tag) = state.rsplit_once('.').ok_or_else(untrue)?;
    let tag = URL_SAFE_NO_PAD.decode(tag.as_bytes()).map_err(|_| untrue())?;
    hmac::verify(&SEAL, state.as_bytes(), &tag).map_err(|_| untrue())?;
    Ok(state)
}

fn asks(requests: Value, state: Option<&str>) -> Result<InputRequiredResult, ErrorData> {
    Ok(InputRequiredResult::new(Some(made(requests)?), state.map(sealed)))
}

/// What comes of one round.
enum Round {
    Done(String),
    /// With what is asked, and the state that comes back with the answers.
    Asks(Value, Option<&'static str>),
}

/// None where it is no tool that asks back.
pub fn of_tool(wanted: &CallToolRequestParams, asked: &Asked<RoleServer>) -> Option<Result<CallToolResponse, ErrorData>> {
    let name = wanted.name.strip_prefix("test_").filter(|name| name.starts_with("input_required") || *name == "streaming_elicitation")?;
    Some(round(name, wanted, asked).and_then(|round| match round {
        Round::Asks(requests, state) => asks(requests, state).map(Into::into),
        Round::Done(says) => {
            let whole: CallToolResult = result(json!({ "content": [{ "type": "text", "text": says }] }))?;
            Ok(whole.into())
        }
    }))
}

fn round(name: &str, wanted: &CallToolRequestParams, asked: &Asked<RoleServer>) -> Result<Round, ErrorData> {
    let responses = wanted.input_responses.as_ref();
    let answer = |key: &str| responses.and_then(|responses| responses.get(key)).filter(|answer| answer.is_object());
    let field = |key: &str, field: &str| answer(key).and_then(|answer| answer["content"][field].as_str()).map(str::to_owned);
    let state = wanted.request_state.as_deref().map(opened).transpose()?;
    let whose = |message: &str| elicitation(message, &schema("name", "string"));
    let round = match name.trim_start_matches("input_required_result_") {
        "elicitation" | "streaming_elicitation" => field("user_name", "name").map_or_else(
            || Round::Asks(json!({ "user_name": whose("What is your name?") }), None),
            |name| Round::Done(format!("Hello, {name}!")),
        ),
        "sampling" => answer("capital_question").and_then(|answer| answer["content"]["text"].as_str()).map_or_else(
            || Round::Asks(json!({ "capital_question": sampling("What is the capital of France?", 100) }), None),
            |said| Round::Done(said.to_owned()),
        ),
        "list_roots" => answer("client_roots").map_or_else(
            || Round::Asks(json!({ "client_roots": roots() }), None),
            |listed| Round::Done(format!("Roots: {}", listed["roots"])),
        ),
        "request_state" | "tampered_state" if answer("confirm").is_some() && state == Some("confirming") => {
            Round::Done("state-ok".to_owned())
        }
        "request_state" | "tampered_state" => {
            Round::Asks(json!({ "confirm": elicitation("Please confirm", &schema("ok", "boolean")) }), Some("confirming"))
        }
        "multiple_inputs"
            if ["user_name", "greeting", "client_roots"].iter().all(|key| answer(key).is_some()) && state == Some("several") =>
        {
            Round::Done("All of it came.".to_owned())
        }
        "multiple_inputs" => {
            let requests = json!({
                "user_name": whose("What is your name?"),
                "greeting": sampling("Generate a greeting", 50),
                "client_roots": roots(),
            });
            Round::Asks(requests, Some("several"))
        }
        "multi_round" => match (state.unwrap_or_default(), field("step1", "name"), field("step2", "color")) {
            ("second", _, Some(color)) => Round::Done(format!("{color} it is.")),
            ("first", Some(_), _) | ("second", _, None) => {
                let color = elicitation("Step 2: What is your favorite color?", &schema("color", "string"));
                Round::Asks(json!({ "step2": color }), Some("second"))
            }
            _ => Round::Asks(json!({ "step1": whose("Step 1: What is your name?") }), Some("first")),
        },
        "capabilities" => {
            let can = asked.client_capabilities().unwrap_or_default();
            let mut requests = json!({});
            if can.sampling.is_some() {
                requests["greeting"] = sampling("Generate a greeting", 50);
            }
            if can.elicitation.is_some() {
                requests["user_name"] = whose("What is your name?");
            }
            Round::Asks(requests, None)
        }
        _ => return Err(ErrorData::invalid_params("Unknown tool.", None)),
    };
    Ok(round)
}

/// What the prompt that asks back was told.
pub fn context(wanted: &GetPromptRequestParams) -> Option<String> {
    let answer = wanted.input_responses.as_ref()?.get("user_context")?;
    answer["content"]["context"].as_str().map(str::to_owned)
}

pub fn asking_for_context() -> Result<InputRequiredResult, ErrorData> {
    asks(json!({ "user_context": elicitation("What context should the prompt use?", &schema("context", "string")) }), None)
}
