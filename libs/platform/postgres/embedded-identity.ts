import { execFile } from 'node:child_process';
import { existsSync, lchownSync, lstatSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { StartupError } from '../settings/startup-error.js';

const run = promisify(execFile);

/** The ids of "nobody", the user that every Unix has and that owns nothing. */
const NOBODY = 65_534;

/**
 * As whom Postgres runs, which refuses root. No user is ever made on the host.
 * - `self`: not root, so as we are.
 * - `namespace`: as root in a user namespace where root is called 65534. Reads every path, changes no owner.
 * - `capability`: as 65534 with the right to pass folders such as /root, for hosts that bar user namespaces.
 * - `nobody`: as 65534 and nothing else, where setpriv is missing too; the paths have to be readable for it.
 */
export type IdentityKind = 'self' | 'namespace' | 'capability' | 'nobody';

export interface Identity {
  kind: IdentityKind;
  /** What stands before the program on the command line. */
  prefix: string[];
  /** For child_process.spawn; undefined: ours. */
  uid?: number;
  gid?: number;
  /** Who has to own the cluster's files. */
  owner: { uid: number; gid: number };
}

async function works(command: string[]): Promise<boolean> {
  try {
    await run(command[0]!, [...command.slice(1), 'true'], { timeout: 5_000 });
    return true;
  } catch {
    return false;
  }
}

const namespace = ['unshare', '--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`, '--'];
const signalAtOurDeath = ['setpriv', '--pdeathsig', 'INT', '--'];

function become(uid: number, gid: number): string[] {
  const rights = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override'];
  return ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', ...rights];
}

/**
 * Chooses as whom to run Postgres on a cluster that lies, or will lie, at `cluster`. Where setpriv exists the prefix
 * also makes the kernel send Postgres SIGINT (a fast shutdown) when this process dies. Throws StartupError when the
 * cluster belongs to a user that we cannot become.
 */
export async function chooseIdentity(cluster: string, wanted?: IdentityKind): Promise<Identity> {
  const present = existsSync(cluster) ? statSync(cluster) : null;
  const ourUid = process.getuid?.();
  const canSignal = process.platform === 'linux' && (await works(signalAtOurDeath));
  if (ourUid !== 0) {
    if (present && ourUid !== undefined && present.uid !== ourUid) {
      throw new StartupError(
        `${cluster} belongs to the user with the id ${present.uid}, this is ${ourUid}: start Heddle as that user, or chown -R the data directory.`,
      );
    }
    const owner = { uid: ourUid ?? 0, gid: process.getgid?.() ?? 0 };
    return { kind: 'self', prefix: canSignal ? signalAtOurDeath : [], owner };
  }
  // A cluster that another user made stays that user's: as root we can become any.
  const kept = present && present.uid !== 0 ? { uid: present.uid, gid: present.gid } : null;
  const owner = kept ?? { uid: NOBODY, gid: NOBODY };
  if ((wanted ?? 'namespace') === 'namespace' && !kept && (await works(namespace))) {
    return {
      kind: 'namespace',
      prefix: [...namespace, ...(canSignal ? signalAtOurDeath : [])],
      owner: { uid: 0, gid: 0 },
    };
  }
  const capable = become(owner.uid, owner.gid);
  if ((wanted ?? 'capability') !== 'nobody' && canSignal && (await works([...capable, '--']))) {
    return { kind: 'capability', prefix: [...capable, '--pdeathsig', 'INT', '--'], owner };
  }
  return { kind: 'nobody', prefix: canSignal ? signalAtOurDeath : [], uid: owner.uid, gid: owner.gid, owner };
}

/**
 * Gives a file, or a folder with all in it, to the owner that the identity asks for; root only, and only if it differs.
 * The folder itself goes last, so that what was interrupted is done again.
 */
export function giveTo(identity: Identity, path: string): void {
  const { uid, gid } = identity.owner;
  const entry = lstatSync(path, { throwIfNoEntry: false });
  if (process.getuid?.() !== 0 || !entry || entry.uid === uid) return;
  if (entry.isDirectory()) for (const name of readdirSync(path)) giveTo(identity, join(path, name));
  lchownSync(path, uid, gid);
}
