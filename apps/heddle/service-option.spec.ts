import { StartupError } from '../../libs/platform/settings/startup-error.js';
import { SERVICES } from '../services.js';
import { serviceOption } from './service-option.js';

test('names none, or one of the table', () => {
  expect(serviceOption([])).toBeNull();
  for (const service of SERVICES) {
    expect(serviceOption(['--service', service.name])).toBe(service);
    expect(serviceOption([`--service=${service.name}`])).toBe(service);
  }
});

test.each([
  [
    ['--service', 'conversations'],
    /^--service is "conversations": give one of access, conversation, analytics, ingest, events, webhooks, relay\.$/,
  ],
  [['--service'], /--service and one of access/],
  [['--servce=access'], /Unknown option '--servce'.*--service and one of access/],
  [['access'], /access.*--service and one of access/],
])('%j is refused in one line', (args, message) => {
  expect(() => serviceOption(args)).toThrow(StartupError);
  expect(() => serviceOption(args)).toThrow(message);
  expect(() => serviceOption(args)).not.toThrow(/\n/);
});
