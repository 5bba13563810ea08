import { existsSync, readFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { join } from 'node:path';
import { UsageError } from '../../libs/platform/operations/command-line.js';
import type { Access } from '../../libs/platform/operations/operation.js';
import { checkDataDirectory } from '../../libs/platform/postgres/data-directory-owner.js';
import { loadSettings } from '../../libs/platform/settings/settings.js';
import { Failure } from './failure.js';

type Environment = Record<string, string | undefined>;

/** Where the server is: HEDDLE_URL, else this machine at HEDDLE_PORT. Without a slash at its end. */
export function serverUrl(env: Environment): string {
  const given = env.HEDDLE_URL?.trim();
  if (given === undefined || given === '') return `http://127.0.0.1:${loadSettings(env).port}`;
  if (!URL.canParse(given) || !/^https?:$/.test(new URL(given).protocol)) {
    throw new UsageError(`HEDDLE_URL is "${given}": set an address such as http://127.0.0.1:4400.`);
  }
  return given.replace(/\/+$/, '');
}

function isThisMachine(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || (isIPv4(hostname) && hostname.startsWith('127.'));
}

/**
 * The key to send; null for none. HEDDLE_API_KEY, or on this machine the one that the server keeps in its data
 * directory: the root key for what only it opens (`HEDDLE_ROOT_KEY` before the file), else that of the workspace
 * `default`. Keys of the data directory are never sent to another machine.
 */
export function keyFor(access: Access, url: string, env: Environment): string | null {
  const given = env.HEDDLE_API_KEY?.trim();
  if (given) return given;
  if (access === 'public') return null;
  if (!isThisMachine(url)) throw new Failure(`HEDDLE_API_KEY is not set, and ${url} takes no request without a key.`);
  const settings = loadSettings(env);
  if (access === 'root' && settings.rootKey !== null) return settings.rootKey;
  if (existsSync(settings.dataDir)) checkDataDirectory(settings.dataDir);
  const file = join(settings.dataDir, access === 'root' ? 'root-key' : 'default-key');
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Failure(
      code === 'ENOENT'
        ? `There is no key: ${file} is made by npm start. Start Heddle, or set HEDDLE_API_KEY.`
        : `The key in ${file} cannot be read (${code}): become its owner, or set HEDDLE_API_KEY.`,
    );
  }
}
