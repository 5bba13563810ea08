"""Prints every event on Kafka as a line of JSON, with the fields that identify people as plain text.

    pip install 'confluent-kafka[avro]' cryptography
    HEDDLE_API_KEY=… python open_events.py --brokers 127.0.0.1:9092 --heddle http://127.0.0.1:4400

The key has the scopes `events:read`, for the schemas, and `keys:read`, for the keys of its workspace's people. What is of
other workspaces stays sealed: `{"sealed_with": "<id of the key>"}`. Who was erased reads `erased`,
what was redacted `redacted`.
"""

import argparse
import base64
import json
import os
import re
import sys
import urllib.error
import urllib.request
import uuid
from datetime import datetime

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.serialization import MessageField, SerializationContext
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MOST_KEYS = 1000
NONCE_BYTES = 12


def batches(brokers, prefix):
    """Records from the beginnings of all topics to their ends, some at a time."""
    settings = {"group.id": str(uuid.uuid4()), "enable.auto.commit": False, "enable.partition.eof": True}
    consumer = Consumer({"bootstrap.servers": brokers, **settings})
    name = re.compile(re.escape(prefix) + "[a-z_]+$")
    topics = consumer.list_topics(timeout=30).topics
    unread = {(topic, n) for topic, it in topics.items() if name.match(topic) for n in it.partitions}
    consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for topic, partition in unread])
    while unread:
        records = []
        for record in consumer.consume(500, timeout=1):
            error = record.error()
            if error is None:
                records.append(record)
            elif error.code() == KafkaError._PARTITION_EOF:
                unread.discard((record.topic(), record.partition()))
            else:
                raise KafkaException(error)
        yield records
    consumer.close()


def is_sealed(value):
    return isinstance(value, dict) and value.keys() == {"key_id", "ciphertext"}


class Keys:
    """Of people, by their ids in hex. They are held for one batch only: whoever is erased meanwhile must stay so."""

    def __init__(self, heddle, api_key):
        self.url = f"{heddle}/v1/data_keys/look_up"
        self.headers = {"authorization": f"Bearer {api_key}", "content-type": "application/json"}

    def look_up(self, ids):
        found = {}
        for start in range(0, len(ids), MOST_KEYS):
            body = json.dumps({"ids": ids[start : start + MOST_KEYS]}).encode()
            try:
                with urllib.request.urlopen(urllib.request.Request(self.url, body, self.headers)) as answer:
                    found.update((key["id"], key) for key in json.load(answer)["data"])
            except urllib.error.HTTPError as error:
                sys.exit(json.load(error)["detail"])
        return found


def netstring(text):
    """https://cr.yp.to/proto/netstrings.txt"""
    return b"%d:%s," % (len(text.encode()), text.encode())


def opened(field, value, meta, keys):
    if not is_sealed(value):
        return value
    key = keys[value["key_id"].hex()]
    if key["state"] == "destroyed":
        return "erased"
    if key["state"] == "unknown":
        return {"sealed_with": key["id"]}
    if f"{meta['stream']}/{meta['seq']}" in key["withheld"]:
        return "redacted"
    nonce, rest = value["ciphertext"][:NONCE_BYTES], value["ciphertext"][NONCE_BYTES:]
    bound_to = b"".join(map(netstring, [meta["workspace"], key["subject"], meta["id"], field]))
    return AESGCM(base64.b64decode(key["key"])).decrypt(nonce, rest, bound_to).decode()


def as_json(value):
    """What Avro has and JSON has not: times in `data`, and bytes."""
    return value.isoformat() if isinstance(value, datetime) else value.hex()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--brokers", required=True)
    parser.add_argument("--heddle", required=True, help="its URL")
    parser.add_argument("--prefix", default="heddle.", help="of the topics' names")
    wanted = parser.parse_args()
    api_key = os.environ.get("HEDDLE_API_KEY")
    if not api_key:
        sys.exit("Set HEDDLE_API_KEY to a key with the scopes events:read and keys:read.")
    registry = SchemaRegistryClient(
        {"url": f"{wanted.heddle}/registry", "basic.auth.user.info": f"any:{api_key}"}
    )
    decode = AvroDeserializer(registry)
    keys = Keys(wanted.heddle, api_key)
    for records in batches(wanted.brokers, wanted.prefix):
        events = [decode(it.value(), SerializationContext(it.topic(), MessageField.VALUE)) for it in records]
        ids = {value["key_id"].hex() for event in events for value in event.values() if is_sealed(value)}
        found = keys.look_up(sorted(ids))
        for event in events:
            meta = event.pop("meta")
            data = {field: opened(field, value, meta, found) for field, value in event.items()}
            line = {"type": meta["type"], "stream": meta["stream"], "seq": meta["seq"], "data": data}
            print(json.dumps(line, ensure_ascii=False, default=as_json), flush=True)


if __name__ == "__main__":
    try:
        main()
    except (KafkaException, SchemaRegistryError) as error:
        sys.exit(f"{error}")
