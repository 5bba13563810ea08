import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import CountReporter from './count-reporter.mjs';

const RESULTS = {
  numPassedTests: 7,
  numFailedTests: 0,
  numRuntimeErrorTestSuites: 0,
  numPendingTests: 3,
  numTodoTests: 0,
  testResults: [
    {
      testResults: [
        { status: 'passed', ancestorTitles: ['what reads (want of nothing)'], title: 'reads' },
        {
          status: 'pending',
          ancestorTitles: ['Apicurio (want of an Apicurio: install Java 21 or newer.)'],
          title: 'a',
        },
        {
          status: 'pending',
          ancestorTitles: ['Apicurio (want of an Apicurio: install Java 21 or newer.)'],
          title: 'b',
        },
      ],
    },
    {
      testResults: [
        { status: 'pending', ancestorTitles: ['a registry'], title: 'serves (want of a Python: install it (3.11).)' },
        { status: 'pending', ancestorTitles: ['the log'], title: 'wakes (excused: not this engine)' },
      ],
    },
  ],
};

describe('the counts of a run', () => {
  const before = { ...process.env };
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'heddle-reporter-'));
    process.env.HEDDLE_TEST_COUNTS = join(folder, 'counts.json');
    delete process.env.HEDDLE_TEST_KAFKA_MISSING;
    delete process.env.CI;
  });
  afterEach(() => {
    process.env = { ...before };
    rmSync(folder, { recursive: true });
  });

  function counted(): { failed: number; skipped: number; missing: string[] } {
    new CountReporter().onRunComplete(undefined, RESULTS);
    return JSON.parse(readFileSync(process.env.HEDDLE_TEST_COUNTS!, 'utf8'));
  }

  it('hold no failure where Kafka is missing, and say what to install', () => {
    process.env.HEDDLE_TEST_KAFKA_MISSING = 'want of a Kafka';
    expect(counted()).toMatchObject({ failed: 0, skipped: 3, missing: expect.arrayContaining(['want of a Kafka']) });
  });

  it('name what each suite that was skipped would have needed, once', () => {
    expect(counted().missing).toEqual([
      'want of an Apicurio: install Java 21 or newer.',
      'want of a Python: install it (3.11).',
    ]);
  });

  it('hold one in CI', () => {
    process.env.HEDDLE_TEST_KAFKA_MISSING = 'want of a Kafka';
    process.env.CI = 'true';
    expect(counted().failed).toBe(1);
  });

  it('hold none in CI where Kafka is there', () => {
    process.env.CI = 'true';
    expect(counted().failed).toBe(0);
  });
});
