"""Confluent's frame: a zero byte, the schema's id in the registry (4 bytes, big endian), and Avro."""

import io
import json
import struct

from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.error import SchemaRegistryError
from fastavro import parse_schema, schemaless_reader

FRAME = struct.Struct(">bI")


class NoEvent(Exception):
    """The bytes are no event; the text says why."""


class FrameDecoder:
    def __init__(self, url, key=None):
        """`key` goes as the password of HTTP Basic; None where the registry wants none."""
        self.registry = SchemaRegistryClient(
            {"url": url, **({} if key is None else {"basic.auth.user.info": f"any:{key}"})}
        )
        self.schemas = {}

    def decode(self, value):
        """The record's full name under `record`, its first field under `meta`, and the others under `data`."""
        if value is None or len(value) < FRAME.size:
            raise NoEvent("it is too short for a frame")
        magic, schema_id = FRAME.unpack_from(value)
        if magic != 0:
            raise NoEvent(f"its first byte is {magic}")
        schema = self.schema(schema_id)
        body = io.BytesIO(value[FRAME.size :])
        try:
            fields = schemaless_reader(body, schema)
        except Exception as cause:
            raise NoEvent(f"it is not of {schema['name']}: {cause!r}") from cause
        if body.read(1):
            raise NoEvent(f"it is longer than a {schema['name']}")
        meta = fields.pop("meta", None)
        if not isinstance(meta, dict):
            raise NoEvent(f"{schema['name']} has no envelope")
        return {"record": schema["name"], "meta": meta, "data": fields}

    def schema(self, schema_id):
        if schema_id not in self.schemas:
            try:
                text = self.registry.get_schema(schema_id).schema_str
            except SchemaRegistryError as cause:
                if cause.http_status_code != 404:
                    raise OSError(f"the registry answers {cause.http_status_code} for the schema {schema_id}") from cause
                raise NoEvent(f"the registry has no schema {schema_id}") from cause
            self.schemas[schema_id] = parse_schema(json.loads(text))
        return self.schemas[schema_id]
