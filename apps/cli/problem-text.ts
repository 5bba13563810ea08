import { Failure } from './failure.js';

interface ProblemBody {
  title?: string;
  detail?: string;
  code?: string;
  type?: string;
  errors?: { pointer: string; message: string }[];
}

function parsed(text: string): ProblemBody {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null ? (value as ProblemBody) : {};
  } catch {
    return {};
  }
}

/** An answer that is not a good one as lines for a person: title and code, detail, each wrong place, where to read on. */
export function problemText(status: number, text: string, url: string): string {
  const { title, detail, code, type, errors = [] } = parsed(text);
  if (code === undefined) return `${url} answered with ${status}, and not as Heddle does: is HEDDLE_URL right?`;
  // The detail tells the first wrong place already.
  const further = errors.filter(({ pointer, message }) => detail?.startsWith(`${pointer} ${message}`) !== true);
  return [
    `${title} (${status} ${code})`,
    detail,
    ...further.map(({ pointer, message }) => `  ${pointer}  ${message}`),
    type?.startsWith('/') ? url + type : type,
  ]
    .filter((line) => line !== undefined && line !== '')
    .join('\n');
}

/** Throws Failure unless the answer is a good one. */
export function requireGood(answer: { status: number; text: string }, url: string): void {
  if (answer.status < 200 || answer.status > 299) throw new Failure(problemText(answer.status, answer.text, url));
}
