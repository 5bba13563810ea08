// The journeys of this project are taken through services apart, with their log on Kafka.
process.env.HEDDLE_TEST_SHAPE = 'apart';
