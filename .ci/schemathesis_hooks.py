"""What a JSON Schema cannot say about a good request, so that only requests which are meant to be good are touched."""

import re

import schemathesis
from schemathesis import GenerationMode

GIVEN_BY_THE_API = ("cursor", "wait_for")
# What follows the prefix in an id that nothing has.
UNKNOWN = "0198f2c0a1b27c3d8e4f5a6b7c8d9e07"


@schemathesis.hook
def before_call(ctx, case, **kwargs):
    if case.meta is None or case.meta.generation.mode is not GenerationMode.POSITIVE:
        return
    # An opaque place in a list is one that the API gave; a made-up one is refused.
    for name in GIVEN_BY_THE_API:
        if case.query and name in case.query:
            del case.query[name]
        if isinstance(case.body, dict) and name in case.body:
            del case.body[name]
    # An answer's field that leads to the next request may be null there, or be the id of another kind: schemathesis
    # guesses by the name of the field alone.
    for parameter in case.operation.path_parameters:
        prefix = re.match(r"\^([a-z]+_)\[", parameter.definition["schema"].get("pattern", ""))
        if prefix and not str(case.path_parameters.get(parameter.name)).startswith(prefix[1]):
            case.path_parameters[parameter.name] = prefix[1] + UNKNOWN
    # The idempotency key is sent in one place, or is the same in both.
    if isinstance(case.body, dict) and "idempotency_key" in case.body and case.headers:
        case.headers.pop("Idempotency-Key", None)
