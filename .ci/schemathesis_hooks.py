"""What a JSON Schema cannot say about a good request, so that only requests which are meant to be good are touched."""

import schemathesis
from schemathesis import GenerationMode

GIVEN_BY_THE_API = ("cursor", "wait_for")
# An id that nothing has, by the word of the path before it.
UNKNOWN = "0198f2c0a1b27c3d8e4f5a6b7c8d9e07"
PREFIXES = {
    "status_details": "sdt",
    "teams": "team",
    "labels": "lbl",
    "users": "usr",
    "ai_agents": "aia",
    "customers": "cus",
    "companies": "com",
    "tenants": "ten",
    "custom_fields": "fld",
    "views": "vie",
    "jobs": "job",
    "dead_letters": "dlt",
    "webhook_endpoints": "whe",
    "webhook_replays": "rpl",
}


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
    # Where one answer's field leads to the next request, and is null there, schemathesis writes None into the path.
    if case.path_parameters and case.path_parameters.get("id") in (None, "None"):
        word = case.path.split("/{id}")[0].rsplit("/", 1)[-1]
        if word in PREFIXES:
            case.path_parameters["id"] = f"{PREFIXES[word]}_{UNKNOWN}"
    # The idempotency key is sent in one place, or is the same in both.
    if isinstance(case.body, dict) and "idempotency_key" in case.body and case.headers:
        case.headers.pop("Idempotency-Key", None)
