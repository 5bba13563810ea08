import { Readable } from 'node:stream';
import { LINE_LIMIT, ndjsonLines } from '../../../libs/domains/conversation/import/ndjson-lines.js';
import { organizationOf } from '../../../libs/domains/conversation/import/organization-of.js';
import { parseLine } from '../../../libs/domains/conversation/import/parse-line.js';
import { Problem } from '../../../libs/platform/kernel/problem.js';
import type { Refusal } from './send-lines.js';

/** The lines of one organization. */
export interface OrganizationLines {
  organization: string;
  /** With a newline after every line. */
  bytes: Buffer;
  /** For each of its lines the number that it had among all, from 1. */
  numbers: number[];
}

/**
 * Takes lines apart by their organizations. A line that the server would refuse is refused here with the same words, so
 * that no workspace is made for it: it may not even say whose it is.
 */
export async function linesByOrganization(bytes: Buffer): Promise<{ parts: OrganizationLines[]; refusals: Refusal[] }> {
  const parts = new Map<string, { lines: Buffer[]; numbers: number[] }>();
  const refusals: Refusal[] = [];
  for await (const { number, bytes: line } of ndjsonLines(Readable.from([bytes]), LINE_LIMIT)) {
    try {
      const organization = organizationOf(await parseLine(line));
      const part = parts.get(organization) ?? { lines: [], numbers: [] };
      part.lines.push(line!, Buffer.from('\n'));
      part.numbers.push(number);
      parts.set(organization, part);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      refusals.push({ line: number, code: error.code, detail: error.detail });
    }
  }
  return {
    parts: [...parts].map(([organization, { lines, numbers }]) => ({
      organization,
      bytes: Buffer.concat(lines),
      numbers,
    })),
    refusals,
  };
}
