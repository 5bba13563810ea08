/** The command was not called as its help says; told on standard error, exit status 2. */
export class UsageError extends Error {
  override name = 'UsageError';
}
