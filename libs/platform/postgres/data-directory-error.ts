import { StartupError } from '../settings/startup-error.js';

/** The data directory cannot be used: one line with the directory, what is wrong and the fix. */
export class DataDirectoryError extends StartupError {
  override name = 'DataDirectoryError';
}
