"""Reads every event on Kafka as a stranger would, and says whether the log is whole.

Consumes all topics <prefix><domain> from their beginnings to the ends that they have now, decodes each record with the
schema that its frame names, and prints one JSON object. Nothing of Heddle is imported: what is known here is what
docs/reading-from-kafka.md says.

    pip install 'confluent-kafka[avro]'
    python read_events.py --brokers 127.0.0.1:9092 --registry http://127.0.0.1:4400/registry --expected acknowledged.ndjson

The registry's key is taken from REGISTRY_KEY. Settings of librdkafka, such as those of TLS, go as --kafka name=value.

`--expected` is a file of JSON lines, one for each event that must be there once:
`{"type": "message.created", "message_id": "msg_…"}`. Beside `type`, a line has any fields of the event or of its
envelope with their values.

`--missing` names positions that are known to be empty, as `heddle log reconcile` told them: `9641,9650-9652`.

Exit status: 0 the log is whole, 1 it is not, 2 it could not be read.
"""

import argparse
import json
import os
import sys

from confluent_kafka import KafkaException

from expected_events import ExpectedEvents
from registry_frames import FrameDecoder, NoEvent
from topic_reader import TopicReader
from verdict import Verdict


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--brokers", required=True, help="host:port, several with commas")
    parser.add_argument("--registry", required=True, help="the base of a schema registry's API")
    parser.add_argument("--prefix", default="heddle.", help="of the topics' names, before the domain")
    parser.add_argument("--expected", help="a file of JSON lines")
    parser.add_argument("--missing", type=positions, default=set(), help="positions that are known to be empty")
    parser.add_argument("--kafka", action="append", default=[], metavar="NAME=VALUE", help="a setting of librdkafka")
    parser.add_argument("--patience", type=float, default=60, help="seconds without a record before it gives up")
    return parser.parse_args()


def positions(text):
    """`7,9-11` as a set."""
    ends = [[int(end) for end in part.split("-", 1)] for part in text.split(",")]
    return {position for first, *last in ends for position in range(first, (last or [first])[0] + 1)}


def main():
    wanted = arguments()
    settings = dict(one.split("=", 1) for one in wanted.kafka)
    reader = TopicReader(wanted.brokers, wanted.prefix, settings, wanted.patience)
    decoder = FrameDecoder(wanted.registry, os.environ.get("REGISTRY_KEY"))
    expected = ExpectedEvents.of_file(wanted.expected) if wanted.expected else None
    verdict = Verdict(wanted.prefix, reader.partitions, wanted.missing)
    try:
        for place in reader.begins_late():
            verdict.begins_late(place)
        for record in reader.records():
            try:
                event = decoder.decode(record.value())
            except NoEvent as cause:
                verdict.undecodable(record, str(cause))
                continue
            verdict.take(record, event)
            if expected is not None:
                expected.take(event)
    finally:
        reader.close()
    report = verdict.report()
    if expected is not None:
        report.update(expected.report())
        report["sound"] = report["sound"] and not (report["lost"] or report["twice"])
    print(json.dumps(report))
    return 0 if report["sound"] else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (KafkaException, OSError, TimeoutError, ValueError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        sys.exit(2)
