"""The API reference, from config/openapi.yaml, in the place of the line `<!-- openapi -->`."""

import json
from pathlib import Path
from typing import Any

import yaml

DOCUMENT = Path(__file__).parents[2] / "config" / "openapi.yaml"
MARKER = "<!-- openapi -->"
Node = dict[str, Any]


def on_page_markdown(markdown: str, **_) -> str:
    if MARKER not in markdown:
        return markdown
    return markdown.replace(MARKER, Reference(yaml.safe_load(DOCUMENT.read_text())).markdown())


class Reference:
    """The document as Markdown: the operations by tag, then the schemas that they share."""

    def __init__(self, document: Node):
        self.document = document

    def markdown(self) -> str:
        info = self.document["info"]
        parts = [info["description"], self.servers(self.document["servers"]), self.security()]
        for tag in self.document["tags"]:
            parts.append(f"## {tag['name']}\n\n{tag['description'][:1].upper() + tag['description'][1:]}")
            parts += [
                self.operation(method, path, shared, operation)
                for path, shared in self.document["paths"].items()
                for method, operation in shared.items()
                if isinstance(operation, dict) and tag["name"] in operation.get("tags", ())
            ]
        parts.append("## Schemas")
        parts += [self.schema_section(name, schema) for name, schema in self.document["components"]["schemas"].items()]
        return "\n\n".join(parts)

    def servers(self, servers: list[Node]) -> str:
        return table(("server", ""), [(code(server["url"]), server.get("description", "")) for server in servers])

    def security(self) -> str:
        schemes = self.document["components"]["securitySchemes"].values()
        lines = [f"- {self.scheme(scheme)}: {scheme['description']}" for scheme in schemes]
        return "Keys, where the gateway asks for one:\n\n" + "\n".join(lines)

    def scheme(self, scheme: Node) -> str:
        return code(
            f"{scheme['name']}: KEY" if scheme["type"] == "apiKey" else f"Authorization: {scheme['scheme'].title()} KEY"
        )

    def operation(self, method: str, path: str, shared: Node, operation: Node) -> str:
        parts = [f"### {operation['summary']}", f"```http\n{method.upper()} {path}\n```", operation.get("description", "")]
        if servers := shared.get("servers"):
            parts.append(self.servers(servers))
        if parameters := [self.resolved(one) for one in (*shared.get("parameters", ()), *operation.get("parameters", ()))]:
            rows = [(code(one["name"]), one["in"], self.kind(one["schema"]), one.get("description", "")) for one in parameters]
            parts.append(table(("parameter", "in", "value", ""), rows))
        if body := operation.get("requestBody"):
            parts.append(self.body(self.resolved(body)))
        parts.append(self.responses(operation["responses"]))
        return "\n\n".join(part for part in parts if part)

    def body(self, body: Node) -> str:
        rows = [(code(name), self.kind(content["schema"])) for name, content in body["content"].items()]
        examples = [fenced(content["example"]) for content in body["content"].values() if "example" in content]
        return "\n\n".join([f"**Body.** {body['description']}", table(("content type", "schema"), rows), *examples])

    def responses(self, responses: Node) -> str:
        rows, examples = [], []
        for status, response in responses.items():
            response = self.resolved(response)
            content = response.get("content", {})
            kinds = ", ".join(dict.fromkeys(self.kind(one["schema"]) for one in content.values()))
            headers = ", ".join(code(name) for name in response.get("headers", {}))
            rows.append((status, kinds, headers, response["description"]))
            if status == "200":
                examples = [example for one in content.values() for example in self.examples(one)]
        return "\n\n".join([table(("status", "answer", "headers", "when"), rows), *examples])

    def examples(self, content: Node) -> list[str]:
        named = [self.resolved(example) for example in content.get("examples", {}).values()]
        shown = [f"{example['summary'].capitalize()}:\n\n{fenced(example['value'])}" for example in named]
        return shown + ([fenced(content["example"])] if "example" in content else [])

    def schema_section(self, name: str, schema: Node) -> str:
        parts = [f"### {name}", sentence(schema.get("description", ""))]
        extended = [self.kind(part) for part in schema.get("allOf", ())]
        if extended:
            parts.append(f"All of {', '.join(extended)}, and:" if "properties" in schema else f"All of {', '.join(extended)}.")
        required = schema.get("required", ())
        if properties := schema.get("properties"):
            rows = [
                (code(key) + ("" if key in required else " (optional)"), self.kind(value), value.get("description", ""))
                for key, value in properties.items()
            ]
            parts.append(table(("field", "value", ""), rows))
        elif not extended:
            parts.append(self.kind(schema))
        return "\n\n".join(part for part in parts if part)

    def kind(self, schema: Node) -> str:
        """A schema in a few words, with links to the named ones."""
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return f"[{name}](#{name.lower()})"
        for word, joined in (("anyOf", " or "), ("allOf", ", ")):
            if word in schema:
                return joined.join(filter(None, map(self.kind, schema[word])))
        if "const" in schema:
            return code(schema["const"])
        if "enum" in schema:
            return " ".join(map(code, schema["enum"]))
        kinds = schema.get("type", "")
        words = " or ".join(kinds) if isinstance(kinds, list) else kinds
        if schema.get("items"):
            words += f" of {self.kind(schema['items'])}"
        elif "prefixItems" in schema:
            words += f" of {len(schema['prefixItems'])} {self.kind(schema['prefixItems'][0])}"
        if "properties" in schema:
            if not words:  # a refinement of another schema
                return " ".join(self.kind(value) for value in schema["properties"].values())
            words += " of " + ", ".join(f"{code(key)} ({self.kind(value)})" for key, value in schema["properties"].items())
        limits = [f"{sign} {schema[key]}" for key, sign in LIMITS.items() if key in schema]
        return " ".join([words, *limits, *([code(schema["pattern"])] if "pattern" in schema else [])])

    def resolved(self, node: Node) -> Node:
        """The node that a `$ref` names, or the node itself."""
        if "$ref" not in node:
            return node
        found = self.document
        for key in node["$ref"].removeprefix("#/").split("/"):
            found = found[key]
        return found


LIMITS = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤"}


def table(headers: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    def line(cells) -> str:
        return f"| {' | '.join(str(cell).replace('|', '&#124;') for cell in cells)} |"

    return "\n".join([line(headers), line("---" for _ in headers), *map(line, rows)])


def code(text: Any) -> str:
    return f"`{text}`"


def fenced(value: Any) -> str:
    return f"```json\n{json.dumps(value, indent=2)}\n```"


def sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if not text or text.endswith(".") else ".")
