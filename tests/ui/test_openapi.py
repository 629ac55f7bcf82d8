"""Requests made of the OpenAPI by schemathesis: no inner error, and each response as described.

`make schema N=2000` makes so many; a few are made with the other tests.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from opened import House, filled, house
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from scripted import Scripted

CASES = int(os.environ.get("DATELINE_OPENAPI_CASES", "120"))
"""Requests of all operations together."""


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("openapi")
    filled(folder)
    scripted = Scripted()

    def asker(question: str, *, wishes: Any = None, **options: Any) -> Any:
        return scripted(question, **options)

    with house(folder, asker=asker) as one:
        yield one


def tried(operation: Any, examples: int) -> int:
    """Make requests of one operation, and return how many were made."""
    made = 0
    quiet = settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )

    @quiet
    @given(case=operation.as_strategy())
    def each(case: Any) -> None:
        nonlocal made
        made += 1
        response = case.call()
        assert response.status_code != 500, (operation.label, response.text)
        case.validate_response(
            response,
            checks=[
                status_code_conformance,
                content_type_conformance,
                response_schema_conformance,
            ],
        )

    each()
    return made


def test_no_request_of_the_openapi_is_an_inner_error_and_each_response_is_as_described(
    opened: House,
) -> None:
    schema = schemathesis.openapi.from_asgi("/openapi.json", opened.app)
    operations = sorted((result.ok() for result in schema.get_all_operations()), key=freedom)
    assert len(operations) > 20
    made = 0
    for place, operation in enumerate(operations):  # those with few cases leave theirs to the rest
        made += tried(operation, -(-(CASES - made) // (len(operations) - place)))
    assert made >= CASES
    sys.stdout.write(f"{made} requests of {len(operations)} operations, no failure\n")


def freedom(operation: Any) -> int:
    """Say in how many places a request of an operation can differ from another."""
    return len(list(operation.iter_parameters())) + 3 * len(operation.body)
