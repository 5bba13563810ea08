import { Journey, ROOT_KEY } from './journey.js';
import { testKafkaJsClient, testPythonClient } from './registry-clients.js';
import { testRegistry } from './registry-suite.js';

let journey: Journey;
beforeAll(async () => {
  journey = await Journey.begin();
});
afterAll(() => journey.end());

const target = () => ({ url: `${journey.url}/registry`, auth: { username: 'any', password: ROOT_KEY } });

describe('the built-in registry', () => {
  testRegistry('built-in', target);
  testKafkaJsClient(target);
  testPythonClient(target);
});
