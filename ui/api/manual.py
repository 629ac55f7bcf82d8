"""`/docs`: the OpenAPI as one page to read, without scripts and without any other site."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from markupsafe import Markup

from ui.markup import template

_PAGE = template("manual.html")


def manual(schema: Mapping[str, Any]) -> str:
    """Return the page that describes an OpenAPI schema."""
    paths = Markup("").join(
        _operation(path, method, told)
        for path, methods in schema["paths"].items()
        for method, told in methods.items()
    )
    models = schema["components"]["schemas"]
    bodies = Markup("").join(_model(name, told) for name, told in sorted(models.items()))
    return str(_PAGE.format(schema["info"].get("summary", ""), paths, bodies))


def _operation(path: str, method: str, told: Mapping[str, Any]) -> Markup:
    rows = [
        (p["name"], f"{p['in']}{', required' if p.get('required') else ''}", p)
        for p in told.get("parameters", ())
    ]
    takes = Markup("").join(
        _row(name, where, p.get("schema", {}), p.get("description", "")) for name, where, p in rows
    )
    bodies = Markup("").join(
        Markup("<p>{}: <code>{}</code></p>").format(what, name) for what, name in _bodies(told)
    )
    return Markup(
        "<section><h3><code>{} {}</code></h3><p>{}</p><table>{}</table>{}</section>"
    ).format(method.upper(), path, told.get("description", ""), takes, bodies)


def _bodies(told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for kind, body in told.get("requestBody", {}).get("content", {}).items():
        yield "takes", f"{_named(body.get('schema', {}))} ({kind})"
    for status, response in told["responses"].items():
        for kind, body in response.get("content", {}).items():
            yield f"returns {status}", f"{_named(body.get('schema', {}))} ({kind})"


def _model(name: str, told: Mapping[str, Any]) -> Markup:
    required = told.get("required", ())
    rows = Markup("").join(
        _row(field, "" if field in required else "optional", one, one.get("description", ""))
        for field, one in told.get("properties", {}).items()
    )
    return Markup(
        '<section><h3 id="{}"><code>{}</code></h3><p>{}</p><table>{}</table></section>'
    ).format(name, name, told.get("description", ""), rows)


def _row(name: str, where: str, schema: Mapping[str, Any], said: str) -> Markup:
    return Markup(
        "<tr><th><code>{}</code></th><td><code>{}</code></td><td>{}</td><td>{}</td></tr>"
    ).format(name, _named(schema), where, said)


def _named(schema: Mapping[str, Any]) -> str:
    """Return a type in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(_named(one) for one in schema["anyOf"])
    if "enum" in schema:
        return " or ".join(repr(one) for one in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_named(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type") or "any")
