"""Events that somebody was promised: each must be in the log once."""

import json


class ExpectedEvents:
    def __init__(self, lines):
        self.lines = lines
        self.counts = [0] * len(lines)
        #: By an event's type and the fields that lines of that type have: lines by the values of those fields.
        self.wanted = {}
        for number, line in enumerate(lines):
            names = tuple(sorted(line.keys() - {"type"}))
            by_value = self.wanted.setdefault(line["type"], {}).setdefault(names, {})
            by_value.setdefault(values_of(line, names), []).append(number)

    @classmethod
    def of_file(cls, path):
        with open(path, encoding="utf-8") as file:
            return cls([json.loads(line) for line in file if line.strip()])

    def take(self, event):
        # An event's own field may be called as one of the envelope: the envelope's is meant.
        fields = {**event["data"], **event["meta"]}
        for names, by_value in self.wanted.get(event["meta"]["type"], {}).items():
            for number in by_value.get(values_of(fields, names), []):
                self.counts[number] += 1

    def report(self):
        by_count = list(zip(self.counts, self.lines))
        return {
            "expected": len(self.lines),
            "lost": [line for count, line in by_count if count == 0],
            "twice": [line for count, line in by_count if count > 1],
        }


def values_of(fields, names):
    return json.dumps([fields.get(name) for name in names], default=str)
