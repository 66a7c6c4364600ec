//! What the conformance suite asks for, beside the tools of the endpoint: tools, resources and prompts with the names and answers
//! that the suite's descriptions give them (npm `@modelcontextprotocol/conformance`).

// Sampling and logging are on their way out of the protocol; the older revision still requires them.
#![expect(deprecated)]

use std::time::Duration;

use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, ClientCapabilities, CompleteRequestParams, CompleteResult, CompletionInfo, DiscoverResult,
        GetPromptRequestParams, GetPromptResponse, ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult, ListToolsResult,
        LoggingLevel, LoggingMessageNotificationParam, PaginatedRequestParams, ProgressNotificationParam, ReadResourceRequestParams,
        ReadResourceResponse, ServerConfig, ServerRequest, SetLevelRequestParams, SubscribeRequestParams, UnsubscribeRequestParams,
    },
    service::RequestContext as Asked,
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use stoa::server::mcp::Speaking;

use super::rounds;

/// One red dot, and no sound at all.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
const WAV: &str = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA=";

/// Between two notifications, as the suite asks: it wants to see them come one by one.
const PAUSE: Duration = Duration::from_millis(50);

const TOOLS: [&str; 23] = [
    "test_simple_text",
    "test_image_content",
    "test_audio_content",
    "test_embedded_resource",
    "test_multiple_content_types",
    "test_error_handling",
    "test_tool_with_logging",
    "test_tool_with_progress",
    "test_sampling",
    "test_elicitation",
    "test_elicitation_sep1034_defaults",
    "test_elicitation_sep1330_enums",
    "test_missing_capability",
    "test_streaming_elicitation",
    "test_logging_tool",
    "test_input_required_result_elicitation",
    "test_input_required_result_sampling",
    "test_input_required_result_list_roots",
    "test_input_required_result_request_state",
    "test_input_required_result_multiple_inputs",
    "test_input_required_result_multi_round",
    "test_input_required_result_tampered_state",
    "test_input_required_result_capabilities",
];

#[derive(Clone)]
pub struct Fixtures {
    own: Speaking,
}

impl Fixtures {
    pub fn beside(own: Speaking) -> Self {
        Self { own }
    }
}

/// What is written as JSON here, as the protocol's type.
pub fn made<T: DeserializeOwned>(value: Value) -> Result<T, ErrorData> {
    serde_json::from_value(value).map_err(|error| ErrorData::internal_error(error.to_string(), None))
}

/// A result, said to be whole; the older revision knows no other and is not told.
pub fn result<T: DeserializeOwned>(mut value: Value) -> Result<T, ErrorData> {
    value["resultType"] = json!("complete");
    made(value)
}

fn text(text: &str) -> Value {
    json!({ "content": [{ "type": "text", "text": text }] })
}

impl ServerHandler for Fixtures {
    fn get_info(&self) -> ServerConfig {
        let mut config = self.own.get_info();
        config.capabilities = made(json!({
            "tools": {}, "prompts": {}, "resources": { "subscribe": true }, "completions": {}, "logging": {},
        }))
        .expect("capabilities");
        config
    }

    /// Subscriptions are of the older revision alone.
    async fn discover(&self, _: Asked<RoleServer>) -> Result<DiscoverResult, ErrorData> {
        let mut config = self.get_info();
        config.capabilities.resources = Some(made(json!({}))?);
        Ok(DiscoverResult::from_server_info(self.supported_protocol_versions().into_owned(), config))
    }

    async fn list_tools(&self, page: Option<PaginatedRequestParams>, asked: Asked<RoleServer>) -> Result<ListToolsResult, ErrorData> {
        let mut listed = self.own.list_tools(page, asked).await?;
        for name in TOOLS {
            listed.tools.push(made(json!({
                "name": name, "description": "Of the conformance suite.", "inputSchema": { "type": "object" },
            }))?);
        }
        Ok(listed)
    }

    async fn call_tool(&self, wanted: CallToolRequestParams, asked: Asked<RoleServer>) -> Result<CallToolResponse, ErrorData> {
        if let Some(answered) = rounds::of_tool(&wanted, &asked) {
            return answered;
        }
        let given = wanted.arguments.clone().unwrap_or_default();
        let answer = match wanted.name.as_ref() {
            "test_simple_text" => text("This is a simple text response for testing."),
            "test_image_content" => json!({ "content": [{ "type": "image", "data": PNG, "mimeType": "image/png" }] }),
            "test_audio_content" => json!({ "content": [{ "type": "audio", "data": WAV, "mimeType": "audio/wav" }] }),
            "test_embedded_resource" => json!({ "content": [{ "type": "resource", "resource": {
                "uri": "test://embedded-resource", "mimeType": "text/plain", "text": "This is an embedded resource content.",
            } }] }),
            "test_multiple_content_types" => json!({ "content": [
                { "type": "text", "text": "Multiple content types test:" },
                { "type": "image", "data": PNG, "mimeType": "image/png" },
                { "type": "resource", "resource": {
                    "uri": "test://mixed-content-resource", "mimeType": "application/json",
                    "text": json!({ "test": "data", "value": 123 }).to_string(),
                } },
            ] }),
            "test_error_handling" => {
                let mut refused = text("This tool intentionally returns an error for testing");
                refused["isError"] = json!(true);
                refused
            }
            "test_tool_with_logging" => logging(&asked).await?,
            "test_tool_with_progress" => progressing(&asked).await?,
            "test_sampling" => sampling(&given, &asked).await?,
            "test_elicitation" => eliciting(given.get("message"), rounds::user(), "User response: ", &asked).await?,
            "test_elicitation_sep1034_defaults" => eliciting(None, defaults(), "Elicitation completed: ", &asked).await?,
            "test_elicitation_sep1330_enums" => eliciting(None, choices(), "Elicitation completed: ", &asked).await?,
            "test_missing_capability" => {
                let samples = asked.client_capabilities().is_some_and(|capabilities| capabilities.sampling.is_some());
                if !samples {
                    let required: ClientCapabilities = made(json!({ "sampling": {} }))?;
                    return Err(ErrorData::missing_required_client_capability(required));
                }
                text("The client samples.")
            }
            // It would log, and nobody asked for that.
            "test_logging_tool" => text("Nothing was logged."),
            _ => return self.own.call_tool(wanted, asked).await,
        };
        result::<rmcp::model::CallToolResult>(answer).map(CallToolResponse::from)
    }

    async fn list_resources(&self, _: Option<PaginatedRequestParams>, _: Asked<RoleServer>) -> Result<ListResourcesResult, ErrorData> {
        result(json!({ "resources": [
            { "uri": "test://static-text", "name": "Text", "description": "A text.", "mimeType": "text/plain" },
            { "uri": "test://static-binary", "name": "Picture", "description": "A picture.", "mimeType": "image/png" },
            { "uri": "test://watched-resource", "name": "Watched", "description": "A text to watch.", "mimeType": "text/plain" },
        ], "ttlMs": 0, "cacheScope": "private" }))
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        _: Asked<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        result(json!({ "resourceTemplates": [
            { "uriTemplate": "test://template/{id}/data", "name": "Data", "description": "Data by id.", "mimeType": "application/json" },
        ], "ttlMs": 0, "cacheScope": "private" }))
    }

    async fn read_resource(&self, wanted: ReadResourceRequestParams, _: Asked<RoleServer>) -> Result<ReadResourceResponse, ErrorData> {
        let uri = wanted.uri.as_str();
        let templated = uri.strip_prefix("test://template/").and_then(|rest| rest.strip_suffix("/data"));
        let content = match (uri, templated) {
            ("test://static-text", _) => {
                json!({ "uri": uri, "mimeType": "text/plain", "text": "This is the content of the static text resource." })
            }
            ("test://static-binary", _) => json!({ "uri": uri, "mimeType": "image/png", "blob": PNG }),
            ("test://watched-resource", _) => json!({ "uri": uri, "mimeType": "text/plain", "text": "Watched." }),
            (_, Some(id)) => {
                let data = json!({ "id": id, "templateTest": true, "data": format!("Data for ID: {id}") });
                json!({ "uri": uri, "mimeType": "application/json", "text": data.to_string() })
            }
            _ => return Err(ErrorData::invalid_params("Resource not found", Some(json!({ "uri": uri })))),
        };
        let read: rmcp::model::ReadResourceResult = result(json!({ "contents": [content], "ttlMs": 0, "cacheScope": "private" }))?;
        Ok(read.into())
    }

    async fn subscribe(&self, _: SubscribeRequestParams, _: Asked<RoleServer>) -> Result<(), ErrorData> {
        Ok(())
    }

    async fn unsubscribe(&self, _: UnsubscribeRequestParams, _: Asked<RoleServer>) -> Result<(), ErrorData> {
        Ok(())
    }

    async fn set_level(&self, _: SetLevelRequestParams, _: Asked<RoleServer>) -> Result<(), ErrorData> {
        Ok(())
    }

    async fn complete(&self, wanted: CompleteRequestParams, _: Asked<RoleServer>) -> Result<CompleteResult, ErrorData> {
        let values = ["paris", "park", "party"].into_iter().filter(|value| value.starts_with(&wanted.argument.value));
        let completion: CompletionInfo = made(json!({ "values": values.collect::<Vec<_>>(), "hasMore": false }))?;
        Ok(CompleteResult::new(completion))
    }

    async fn list_prompts(&self, _: Option<PaginatedRequestParams>, _: Asked<RoleServer>) -> Result<ListPromptsResult, ErrorData> {
        let required = |name: &str| json!({ "name": name, "description": "A text.", "required": true });
        result(json!({ "prompts": [
            { "name": "test_simple_prompt", "description": "One without arguments." },
            { "name": "test_prompt_with_arguments", "description": "One with two.", "arguments": [required("arg1"), required("arg2")] },
            { "name": "test_prompt_with_embedded_resource", "description": "One about a resource.", "arguments": [required("resourceUri")] },
            { "name": "test_prompt_with_image", "description": "One about a picture." },
            { "name": "test_input_required_result_prompt", "description": "One that asks back." },
        ], "ttlMs": 0, "cacheScope": "private" }))
    }

    async fn get_prompt(&self, wanted: GetPromptRequestParams, _: Asked<RoleServer>) -> Result<GetPromptResponse, ErrorData> {
        let given = wanted.arguments.clone().unwrap_or_default();
        let argument = |name: &str| given.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let said = |text: &str| json!({ "role": "user", "content": { "type": "text", "text": text } });
        let messages = match wanted.name.as_str() {
            "test_simple_prompt" => json!([said("This is a simple prompt for testing.")]),
            "test_prompt_with_arguments" => {
                json!([said(&format!("Prompt with arguments: arg1='{}', arg2='{}'", argument("arg1"), argument("arg2")))])
            }
            "test_prompt_with_embedded_resource" => json!([
                { "role": "user", "content": { "type": "resource", "resource": {
                    "uri": argument("resourceUri"), "mimeType": "text/plain", "text": "Embedded resource content for testing.",
                } } },
                said("Please process the embedded resource above."),
            ]),
            "test_prompt_with_image" => json!([
                { "role": "user", "content": { "type": "image", "data": PNG, "mimeType": "image/png" } },
                said("Please analyze the image above."),
            ]),
            "test_input_required_result_prompt" => match rounds::context(&wanted) {
                Some(context) => json!([said(&format!("In the context of {context}."))]),
                None => return rounds::asking_for_context().map(GetPromptResponse::from),
            },
            _ => return Err(ErrorData::invalid_params("Unknown prompt.", None)),
        };
        result::<rmcp::model::GetPromptResult>(json!({ "messages": messages })).map(GetPromptResponse::from)
    }
}

async fn logging(asked: &Asked<RoleServer>) -> Result<Value, ErrorData> {
    for said in ["Tool execution started", "Tool processing data", "Tool execution completed"] {
        let message = LoggingMessageNotificationParam::new(LoggingLevel::Info, json!(said));
        asked.peer.notify_logging_message(message).await.map_err(|error| gone(&error))?;
        tokio::time::sleep(PAUSE).await;
    }
    Ok(text("Logged."))
}

async fn progressing(asked: &Asked<RoleServer>) -> Result<Value, ErrorData> {
    for step in [0.0, 50.0, 100.0] {
        if let Some(token) = asked.meta.get_progress_token() {
            let progress = ProgressNotificationParam::new(token, step).with_total(100.0);
            asked.peer.notify_progress(progress).await.map_err(|error| gone(&error))?;
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(text("Done."))
}

async fn sampling(given: &Map<String, Value>, asked: &Asked<RoleServer>) -> Result<Value, ErrorData> {
    let prompt = given.get("prompt").and_then(Value::as_str).unwrap_or_default();
    let request = rounds::sampling(prompt, 100);
    let answer = ask(request, asked).await?;
    Ok(text(&format!("LLM response: {}", answer["content"]["text"].as_str().unwrap_or_default())))
}

async fn eliciting(message: Option<&Value>, schema: Value, before: &str, asked: &Asked<RoleServer>) -> Result<Value, ErrorData> {
    let message = message.and_then(Value::as_str).unwrap_or("Please answer.");
    let answer = ask(rounds::elicitation(message, &schema), asked).await?;
    Ok(text(&format!("{before}action={}, content={}", answer["action"].as_str().unwrap_or_default(), answer["content"])))
}

/// A server's own question, of the older revision.
async fn ask(request: Value, asked: &Asked<RoleServer>) -> Result<Value, ErrorData> {
    let request: ServerRequest = made(request)?;
    let answer = asked.peer.send_request(request).await.map_err(|error| gone(&error))?;
    serde_json::to_value(answer).map_err(|error| ErrorData::internal_error(error.to_string(), None))
}

fn gone(error: &rmcp::ServiceError) -> ErrorData {
    ErrorData::internal_error(error.to_string(), None)
}

fn defaults() -> Value {
    json!({ "type": "object", "properties": {
        "name": { "type": "string", "default": "John Doe" },
        "age": { "type": "integer", "default": 30 },
        "score": { "type": "number", "default": 95.5 },
        "status": { "type": "string", "enum": ["active", "inactive", "pending"], "default": "active" },
        "verified": { "type": "boolean", "default": true },
    } })
}

fn choices() -> Value {
    let titled = |titles: [(&str, &str); 3]| titles.map(|(value, title)| json!({ "const": value, "title": title }));
    let values = titled([("value1", "First Option"), ("value2", "Second Option"), ("value3", "Third Option")]);
    let many = titled([("value1", "First Choice"), ("value2", "Second Choice"), ("value3", "Third Choice")]);
    json!({ "type": "object", "properties": {
        "untitledSingle": { "type": "string", "enum": ["option1", "option2", "option3"] },
        "titledSingle": { "type": "string", "oneOf": values },
        "legacyEnum": {
            "type": "string", "enum": ["opt1", "opt2", "opt3"], "enumNames": ["Option One", "Option Two", "Option Three"],
        },
        "untitledMulti": { "type": "array", "items": { "type": "string", "enum": ["option1", "option2", "option3"] } },
        "titledMulti": { "type": "array", "items": { "anyOf": many } },
    } })
}
