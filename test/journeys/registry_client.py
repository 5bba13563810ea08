"""Uses a schema registry as Confluent's Python client does. The URL is the first argument, the key in KEY."""

import json
import os
import sys
import uuid

from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.serialization import MessageField, SerializationContext


def record(name, *fields):
    return Schema(json.dumps({"type": "record", "name": name, "fields": list(fields)}), "AVRO")


def refused(call, status, code):
    try:
        call()
    except SchemaRegistryError as error:
        assert (error.http_status_code, error.error_code) == (status, code), error
        return
    raise AssertionError(f"expected {status} {code}")


config = {"url": sys.argv[1]}
if os.environ.get("KEY"):
    config["basic.auth.user.info"] = "any:" + os.environ["KEY"]
client = SchemaRegistryClient(config)
name = "S" + uuid.uuid4().hex
subject = f"heddle.python.{name}"
a = {"name": "a", "type": "string"}
b = {"name": "b", "type": ["null", "string"], "default": None}
needed = {"name": "c", "type": "string"}

client.set_compatibility(subject, "FULL_TRANSITIVE")
assert client.get_compatibility(subject) == "FULL_TRANSITIVE"
first = client.register_schema(subject, record(name, a))
assert client.register_schema(subject, record(name, a)) == first
assert client.get_schema(first).schema_str is not None
second = client.register_schema(subject, record(name, a, b))
assert second > first

latest = client.get_latest_version(subject)
assert (latest.subject, latest.version, latest.schema_id) == (subject, 2, second), latest
assert client.get_version(subject, 1).schema_id == first
assert client.lookup_schema(subject, record(name, a)).version == 1
assert client.get_versions(subject) == [1, 2]
assert subject in client.get_subjects()

assert client.test_compatibility(subject, record(name, a, b)) is True
assert client.test_compatibility(subject, record(name, a, needed)) is False
refused(lambda: client.register_schema(subject, record(name, a, needed)), 409, 409)
refused(lambda: client.get_version(subject, 99), 404, 40402)
refused(lambda: client.get_versions("heddle.python.nobody"), 404, 40401)

context = SerializationContext("heddle.python", MessageField.VALUE)
of_record = {"auto.register.schemas": False, "use.latest.version": True, "subject.name.strategy": lambda *_: subject}
payload = AvroSerializer(client, conf=of_record)({"a": "x", "b": None}, context)
assert payload[0] == 0 and int.from_bytes(payload[1:5], "big") == second
fresh = SchemaRegistryClient(config)
assert AvroDeserializer(fresh)(payload, context) == {"a": "x", "b": None}

assert client.delete_version(subject, 1) == 1
assert client.get_versions(subject) == [2]
# Whether those deleted before are listed again differs between registries.
assert 2 in client.delete_subject(subject)
client.delete_subject(subject, permanent=True)
assert subject not in client.get_subjects()
print("done")
