"""What the daemon says of its own wire is true, whole, and what the documentation says."""

import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from typing import Any

import msgspec
import pytest

from pomo_daemon.protocol.errors import ERRORS, EXIT_CODES, Row
from pomo_daemon.protocol.methods import METHODS, VERBS
from pomo_daemon.server import openrpc
from pomo_daemon.server.routes import ROUTES
from pomo_daemon.server.text import COMMANDS
from tests.integration.server.hosting import HostedServer
from tests.integration.server.wire import Wire

ROOT = os.path.abspath(f"{__file__}/../../../..")


def discover(server: HostedServer) -> dict[str, Any]:
    with Wire(server.path) as wire:
        found: dict[str, Any] = wire.call("rpc.discover")
        return found


def references(value: Any) -> Iterator[str]:  # it is JSON
    """Answer every `$ref` in a document."""
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_the_document_is_made_once_however_often_it_is_asked_for(
    server: HostedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = count(1)
    openrpc.encoded.cache_clear()
    monkeypatch.setattr(openrpc, "document", lambda: {"made": next(numbers)})
    try:
        assert [discover(server) for _ in range(3)] == [{"made": 1}] * 3
    finally:
        openrpc.encoded.cache_clear()


def test_the_document_has_what_openrpc_asks_for(server: HostedServer) -> None:
    document = discover(server)
    assert set(document) <= {"openrpc", "info", "servers", "methods", "components", "externalDocs"}
    assert document["openrpc"].startswith("1.3.")
    assert set(document["info"]) >= {"title", "version"}
    for method in document["methods"]:
        assert isinstance(method["name"], str)
        assert method["paramStructure"] == "by-name"
        # Required parameters may not follow optional ones where they can stand by position; by name they may.
        for param in method["params"]:
            assert set(param) == {"name", "required", "schema"}
            assert isinstance(param["schema"], dict)
        assert set(method["result"]) == {"name", "schema"}
        for error in method["errors"]:
            assert isinstance(error["code"], int)
            assert isinstance(error["message"], str)


def test_the_document_lists_every_method_with_what_it_needs(server: HostedServer) -> None:
    listed = {it["name"]: it for it in discover(server)["methods"]}
    assert list(listed) == list(METHODS)
    for method in METHODS.values():
        assert listed[method.name]["summary"] == method.summary
        assert listed[method.name]["x-needs"] == method.needs
        assert listed[method.name]["x-mutates"] == method.mutates
        assert listed[method.name]["errors"] == [{"code": row.rpc, "message": code} for code, row in ERRORS.items()]


def test_every_reference_of_the_document_leads_somewhere(server: HostedServer) -> None:
    document = discover(server)
    found = set(references(document))
    assert found
    for reference in found:
        where: Any = document
        for step in reference.removeprefix("#/").split("/"):
            where = where[step]
        assert isinstance(where, dict)


def test_every_parameter_is_in_the_document_by_its_name_on_the_wire(server: HostedServer) -> None:
    for method in discover(server)["methods"]:
        fields = msgspec.structs.fields(ROUTES[method["name"]].params)
        assert {it["name"] for it in method["params"]} == {it.encode_name for it in fields}
        assert {it["name"] for it in method["params"] if it["required"]} == {
            it.encode_name for it in fields if it.required
        }


def test_whatever_changes_something_can_be_sent_again() -> None:
    for method in METHODS.values():
        fields = {field.name for field in msgspec.structs.fields(ROUTES[method.name].params)}
        if method.mutates:
            assert "request_id" in fields, method.name


def test_the_text_line_knows_every_verb() -> None:
    assert set(COMMANDS) == set(VERBS)
    assert {f"timer.{verb}" for verb in VERBS} <= set(METHODS)


def test_every_error_has_a_number_an_exit_code_and_words_of_its_own() -> None:
    for code, row in ERRORS.items():
        assert isinstance(row, Row)
        assert row.exit in EXIT_CODES, code
        assert row.exit not in (0, 130, 141), code
        assert row.message.endswith("."), code
        assert row.hint.endswith("."), code
        # What JSON-RPC leaves to servers and what it defines (https://www.jsonrpc.org/specification, "Error object").
        assert -32099 <= row.rpc <= -32000 or row.rpc in (-32700, -32600, -32601, -32602, -32603), code
    numbers = [row.rpc for row in ERRORS.values()]
    assert len(set(numbers)) == len(numbers)


def test_the_pages_that_the_code_knows_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": "."},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
