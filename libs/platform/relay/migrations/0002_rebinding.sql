-- As long as nothing is on Kafka, a relay may bind the topics to another registry than the one that was recorded.
grant delete on log.registry to heddle_relay;
