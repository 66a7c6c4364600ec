//! How programs with agents in them are told of the MCP endpoint. None of these texts holds a secret: each says where the token is read
//! from.

use leptos::prelude::*;
use serde_json::json;

use crate::ui::{Code, CodeBlock, Section, Steps};

/// The variable that the programs read the token from.
const TOKEN: &str = "STOA_MCP_TOKEN";
/// Asks for the secret without showing it, and keeps it out of the shell's history.
const READ: &str = "read -rs STOA_MCP_TOKEN && export STOA_MCP_TOKEN";

/// A program, the place of what it is told, and that.
struct Client {
    name: &'static str,
    place: &'static str,
    text: String,
}

#[expect(clippy::needless_pass_by_value, reason = "components take what they show")]
#[component]
pub fn Connecting(endpoint: String, slug: String) -> impl IntoView {
    let clients = clients(&endpoint, &slug)
        .into_iter()
        .map(|Client { name, place, text }| {
            view! {
                <details class="more">
                    <summary>{name}</summary>
                    <p class="muted">{place}</p>
                    <CodeBlock value=text label=format!("What {name} is told")/>
                </details>
            }
        })
        .collect_view();
    view! {
        <Section heading="Connect" purpose="Streamable HTTP, with the token as a bearer. The address stays the same whatever the token may do.">
            <Steps>
                <li>"Run this in the shell that starts the program, paste the token, and press Enter: "<Code value=READ label="Copy the command that reads the token"/></li>
                <li>"Tell the program where to connect:"</li>
            </Steps>
            {clients}
            <p class="muted">"Fewer tools are listed with "<code>"?modules=tasks"</code>" behind the address, by the keys of modules."</p>
        </Section>
    }
}

fn clients(endpoint: &str, slug: &str) -> [Client; 4] {
    let server = format!("stoa-{slug}");
    let pretty = |value: serde_json::Value| serde_json::to_string_pretty(&value).unwrap_or_default();
    [
        Client {
            name: "Claude Code",
            place: "In .mcp.json of a project.",
            text: pretty(json!({ "mcpServers": { server.as_str(): {
                "type": "http", "url": endpoint, "headers": { "Authorization": format!("Bearer ${{{TOKEN}}}") } } } })),
        },
        Client {
            name: "Codex",
            place: "In ~/.codex/config.toml.",
            text: format!("[mcp_servers.{server}]\nurl = \"{endpoint}\"\nbearer_token_env_var = \"{TOKEN}\""),
        },
        Client {
            name: "Cursor",
            place: "In .cursor/mcp.json of a project, or ~/.cursor/mcp.json.",
            text: pretty(json!({ "mcpServers": { server.as_str(): {
                "url": endpoint, "headers": { "Authorization": format!("Bearer ${{env:{TOKEN}}}") } } } })),
        },
        Client {
            name: "Visual Studio Code",
            place: "In .vscode/mcp.json. It asks for the token once, and keeps it.",
            text: pretty(json!({
                "inputs": [{ "type": "promptString", "id": "stoa-token", "description": "MCP token of Stoa", "password": true }],
                "servers": { server.as_str(): {
                    "type": "http", "url": endpoint, "headers": { "Authorization": "Bearer ${input:stoa-token}" } } },
            })),
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::clients;

    #[test]
    fn each_program_is_told_the_address_and_no_secret() {
        for client in clients("https://console.example.com/mcp/acme-7f3k2q", "acme-7f3k2q") {
            assert!(client.text.contains("https://console.example.com/mcp/acme-7f3k2q"), "{}: {}", client.name, client.text);
            assert!(!client.text.contains("_live_") && !client.text.contains("{{"), "{}: {}", client.name, client.text);
        }
    }
}
