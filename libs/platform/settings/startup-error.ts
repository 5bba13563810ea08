/**
 * Why the program cannot start, told to the person who started it: the message is one line that names the thing and the
 * fix. A program prints the message without a stack and ends with the exit status 1.
 */
export class StartupError extends Error {
  override name = 'StartupError';
}
