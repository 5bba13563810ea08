import { checkDatabaseUrl } from './database-check.js';

describe('the check of DATABASE_URL', () => {
  const right = () => new URL(process.env.HEDDLE_TEST_POSTGRES_URL!);

  async function refusal(change: (url: URL) => void): Promise<string> {
    const url = right();
    change(url);
    const error = await checkDatabaseUrl(url.href).then(
      () => new Error('accepted'),
      (reason: Error) => reason,
    );
    expect(error.name).toBe('SettingsError');
    expect(error.message).toMatch(/^DATABASE_URL: .*\.$/);
    expect(error.message).not.toContain(url.password);
    return error.message;
  }

  test('accepts a Postgres that is new enough', async () => {
    await expect(checkDatabaseUrl(right().href)).resolves.toBeUndefined();
  });

  test('names the place, the cause and the fix', async () => {
    expect(await refusal((url) => (url.port = '1'))).toContain('nothing listens on 127.0.0.1:1: start that Postgres');
    expect(await refusal((url) => (url.password = 'wrong-one'))).toMatch(/refuses the user "postgres": correct/);
    expect(await refusal((url) => (url.pathname = '/absent'))).toContain('has no database "absent": create it');
    expect(await refusal((url) => (url.hostname = 'nowhere.invalid'))).toContain('nowhere.invalid is not known');
  });
});
