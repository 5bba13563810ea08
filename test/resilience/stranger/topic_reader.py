"""Every record of some topics, from the first to the last that was there at the start."""

import re
import time
import uuid

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition

BATCH = 1000
ANSWER_SECONDS = 30


class TopicReader:
    def __init__(self, brokers, prefix, settings, patience):
        """Topics are <prefix><domain>; those of dead letters (….dlq) are left out."""
        self.patience = patience
        self.consumer = Consumer(
            {
                "bootstrap.servers": brokers,
                # Never joined: partitions are assigned by hand, and nothing is committed.
                "group.id": f"stranger-{uuid.uuid4()}",
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "auto.offset.reset": "error",
                "isolation.level": "read_uncommitted",
                **settings,
            }
        )
        name = re.compile(re.escape(prefix) + r"[a-z][a-z0-9_]*$")
        topics = self.consumer.list_topics(timeout=ANSWER_SECONDS).topics
        #: How many partitions each topic has.
        self.partitions = {topic: len(it.partitions) for topic, it in topics.items() if name.match(topic)}
        if not self.partitions:
            raise ValueError(f"there is no topic {prefix}<domain> at {brokers}")

    def begins_late(self):
        """Partitions whose first record is gone: events are kept for ever."""
        for topic, count in self.partitions.items():
            for partition in range(count):
                place = TopicPartition(topic, partition)
                low, _high = self.consumer.get_watermark_offsets(place, timeout=ANSWER_SECONDS)
                if low > 0:
                    yield {"topic": topic, "partition": partition, "offset": low}

    def records(self):
        unread = {(topic, partition) for topic, count in self.partitions.items() for partition in range(count)}
        self.consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for topic, partition in unread])
        last = time.monotonic()
        while unread:
            for message in self.consumer.consume(BATCH, timeout=0.5):
                last = time.monotonic()
                error = message.error()
                if error is None:
                    if (message.topic(), message.partition()) in unread:
                        yield message
                elif error.code() == KafkaError._PARTITION_EOF:
                    unread.discard((message.topic(), message.partition()))
                else:
                    raise KafkaException(error)
            if time.monotonic() - last > self.patience:
                raise TimeoutError(f"no record for {self.patience} s, and {len(unread)} partitions are not at their ends")

    def close(self):
        self.consumer.close()
