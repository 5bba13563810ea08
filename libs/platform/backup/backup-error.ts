import { StartupError } from '../settings/startup-error.js';

/** A backup or a restore that cannot be done: one line that names the thing and the fix. */
export class BackupError extends StartupError {
  override name = 'BackupError';
}
