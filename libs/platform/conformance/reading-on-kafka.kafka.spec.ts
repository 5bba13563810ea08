import { describeOnKafka } from '../testing/test-kafka.js';
import { READING } from './all-cases.js';
import { kafkaEngine } from './kafka-engine.js';
import { describeConformance } from './suite.js';

// In two files, for two workers.
describeOnKafka('where there is a Kafka', () => {
  describeConformance(kafkaEngine(), READING);
});
