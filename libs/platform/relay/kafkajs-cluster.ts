export * from '../kafka/kafkajs-cluster.js';
