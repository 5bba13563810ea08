import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeFoldersOfDeadRuns } from '../dead-runs.js';
import { freePorts } from '../free-ports.js';
import { findJava, type Java } from '../java.js';
import { filesByMaven, hasMaven } from '../maven.js';
import { ApicurioServer } from './apicurio-server.js';

/** How to start Apicurio's registry, or why it cannot be. */
export type FoundApicurio = { start(): Promise<StartedApicurio> } | { missing: string };

export interface StartedApicurio {
  /** Of its Confluent API. */
  url: string;
  stop(): Promise<void>;
}

const JAVA = 21;
const VERSION = '3.3.3';
const PREFIX = 'heddle-test-apicurio-';

export function findApicurio(): FoundApicurio {
  const java = findJava(JAVA);
  if (java === null) return { missing: `want of an Apicurio: install Java ${JAVA} or newer.` };
  if (!hasMaven()) return { missing: 'want of an Apicurio: install Maven.' };
  return {
    async start() {
      removeFoldersOfDeadRuns(PREFIX);
      const folder = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
      const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
      process.once('exit', remove);
      try {
        const port = await freePorts(2);
        const server = await ApicurioServer.start({ java, files: programFiles(java), folder, port });
        const stop = async () => {
          await server.stop();
          process.off('exit', remove);
          remove();
        };
        return { url: server.url, stop };
      } catch (error) {
        remove();
        throw error;
      }
    },
  };
}

/** The folder of Apicurio's program (151 MiB). */
function programFiles(java: Java): string {
  const artifact = `io.apicurio:apicurio-registry-app:${VERSION}:tar.gz:all`;
  return filesByMaven(`apicurio-${VERSION}`, 'unpack', [`-Dartifact=${artifact}`], java);
}
