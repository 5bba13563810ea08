"""What is wrong with a log, found in its records alone."""

from datetime import datetime, timedelta, timezone

from murmur2 import partition_of

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class Stream:
    """What was seen of one stream."""

    def __init__(self, place):
        self.place = place
        self.seqs = set()
        self.last = 0


class Verdict:
    def __init__(self, prefix, partitions, missing=frozenset()):
        """`partitions`: how many each topic has; `missing`: positions that are known to be empty."""
        self.prefix = prefix
        self.missing = missing
        self.partitions = partitions
        self.events = dict.fromkeys(partitions, 0)
        self.first_places = {}
        self.streams = {}
        self.last_positions = {}
        self.positions = {}
        self.findings = {
            "duplicates": [],  # an event's id a second time
            "gaps": [],  # numbers that a stream lacks, or a store lacks among its positions
            "disorder": [],  # a number of a stream that does not come after the one before
            "moved": [],  # a stream in two partitions
            "position_disorder": [],  # a position of a partition that does not come after the one before
            "mismatches": [],  # key, partition, headers or time that are not as the envelope says
            "undecodable": [],
            "begins_late": [],  # partitions whose first records are gone
        }

    def begins_late(self, place):
        self.findings["begins_late"].append(place)

    def undecodable(self, record, cause):
        self.findings["undecodable"].append({**place_of(record), "cause": cause})

    def take(self, record, event):
        meta = event["meta"]
        self.events[record.topic()] += 1
        for wrong in mismatches(record, event, self.prefix, self.partitions[record.topic()]):
            self.findings["mismatches"].append({**place_of(record), "id": meta["id"], **wrong})
        first = self.first_places.setdefault(meta["id"], place_of(record))
        if first != place_of(record):
            self.findings["duplicates"].append({**place_of(record), "id": meta["id"], "first": first})
            return
        self.take_seq(record, meta)
        self.take_position(record)

    def take_seq(self, record, meta):
        partition = (record.topic(), record.partition())
        stream = self.streams.setdefault(meta["stream"], Stream(partition))
        found = {**place_of(record), "stream": meta["stream"], "seq": meta["seq"]}
        if stream.place != partition:
            self.findings["moved"].append({**found, "first": list(stream.place)})
        if meta["seq"] <= stream.last:
            self.findings["disorder"].append({**found, "after": stream.last})
        stream.seqs.add(meta["seq"])
        stream.last = max(stream.last, meta["seq"])

    def take_position(self, record):
        headers = headers_of(record)
        store, text = headers.get("heddle-store"), headers.get("heddle-position")
        if store is None or not is_position(text):
            return  # Named as a mismatch.
        position = int(text)
        partition = (store, record.topic(), record.partition())
        before = self.last_positions.get(partition, 0)
        seen = self.positions.setdefault(store, set())
        if position <= before or position in seen:
            found = {**place_of(record), "position": position, "after": before}
            self.findings["position_disorder"].append(found)
        seen.add(position)
        self.last_positions[partition] = max(before, position)

    def report(self):
        findings = dict(self.findings)
        findings["gaps"] = [
            *({"stream": name, "from": a, "to": b} for name, it in self.streams.items() for a, b in holes(it.seqs)),
            *(
                {"store": name, "from": a, "to": b}
                for name, seen in self.positions.items()
                for a, b in holes(seen, self.missing)
            ),
        ]
        return {
            "sound": not any(findings.values()),
            "events": sum(self.events.values()),
            "streams": len(self.streams),
            "topics": self.events,
            **findings,
        }


def mismatches(record, event, prefix, partitions):
    meta, headers = event["meta"], headers_of(record)
    key = record.key().decode("utf-8", "replace") if record.key() is not None else None
    _kind, sent_at = record.timestamp()
    recorded_at = (meta["recorded_at"] - EPOCH) // timedelta(milliseconds=1)
    claims = {
        "topic": (record.topic(), prefix + event["record"].rsplit(".", 1)[0].removeprefix("heddle.")),
        "key": (key, meta["stream"]),
        "partition": (record.partition(), partition_of(meta["stream"].encode(), partitions)),
        "heddle-event-id": (headers.get("heddle-event-id"), meta["id"]),
        "heddle-type": (headers.get("heddle-type"), meta["type"]),
        "traceparent": (headers.get("traceparent"), meta["traceparent"]),
    }
    for what, (found, said) in claims.items():
        if found != said:
            yield {"what": what, "record": found, "envelope": said}
    if sent_at < recorded_at:
        yield {"what": "timestamp", "record": sent_at, "envelope": recorded_at}
    if not headers.get("heddle-store"):
        yield {"what": "heddle-store", "record": headers.get("heddle-store"), "envelope": None}
    if not is_position(headers.get("heddle-position")):
        yield {"what": "heddle-position", "record": headers.get("heddle-position"), "envelope": None}


def is_position(text):
    return text is not None and text.isascii() and text.isdigit() and int(text) > 0


def holes(numbers, known=frozenset()):
    """The stretches that are missing between 0 and the greatest, as (first, last), without those that are known."""
    before, last = 0, max(numbers)
    for number in sorted(numbers | {one for one in known if one < last}):
        if number > before + 1:
            yield before + 1, number - 1
        before = number


def headers_of(record):
    return {name: (value or b"").decode("utf-8", "replace") for name, value in record.headers() or []}


def place_of(record):
    return {"topic": record.topic(), "partition": record.partition(), "offset": record.offset()}
