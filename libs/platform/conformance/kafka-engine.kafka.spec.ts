import { describeOnKafka } from '../testing/test-kafka.js';
import { kafkaEngine } from './kafka-engine.js';
import { describeConformance } from './suite.js';

describeOnKafka('where there is a Kafka', () => {
  describeConformance(kafkaEngine());
});
