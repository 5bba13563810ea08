"""What a JSON Schema cannot say about a good request, so that only requests which are meant to be good are touched."""

import schemathesis
from schemathesis import GenerationMode

GIVEN_BY_THE_API = ("cursor", "wait_for")


@schemathesis.hook
def before_call(ctx, case, **kwargs):
    if case.meta is None or case.meta.generation.mode is not GenerationMode.POSITIVE:
        return
    # An opaque place in a list is one that the API gave; a made-up one is refused.
    for name in GIVEN_BY_THE_API:
        if case.query and name in case.query:
            del case.query[name]
    # The idempotency key is sent in one place, or is the same in both.
    if isinstance(case.body, dict) and "idempotency_key" in case.body and case.headers:
        case.headers.pop("Idempotency-Key", None)
