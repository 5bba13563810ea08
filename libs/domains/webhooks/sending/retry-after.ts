const MOST_MS = 24 * 60 * 60 * 1000;
// RFC 9110, section 5.6.7: the form that is sent now, and two older ones that are to be read.
const FIXDATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;
const RFC850 = /^[A-Z][a-z]+, (\d{2})-([A-Z][a-z]{2})-(\d{2}) (\d{2}:\d{2}:\d{2}) GMT$/;
const ASCTIME = /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) ([ \d]\d) (\d{2}:\d{2}:\d{2}) (\d{4})$/;

/**
 * How long a receiver asks to be left alone (RFC 9110, section 10.2.3), at most a day; null where it asks for nothing that
 * can be read. A date counts from the answer's own `Date`, where it has one: two clocks seldom agree.
 */
export function retryAfterMs(value: string | undefined, answerDate: string | undefined, nowMs: number): number | null {
  if (value === undefined) return null;
  const text = value.trim();
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, MOST_MS);
  const until = httpDate(text, nowMs);
  if (until === null) return null;
  const from = (answerDate === undefined ? null : httpDate(answerDate, nowMs)) ?? nowMs;
  return Math.min(Math.max(until - from, 0), MOST_MS);
}

function httpDate(text: string, nowMs: number): number | null {
  const fixdate = FIXDATE.test(text) ? text : (fromRfc850(text, nowMs) ?? fromAsctime(text));
  const ms = fixdate === null ? Number.NaN : Date.parse(fixdate);
  return Number.isNaN(ms) ? null : ms;
}

/** A year of two digits that looks more than 50 years ahead is the last one that ended so. */
function fromRfc850(text: string, nowMs: number): string | null {
  const [, day, month, digits, time] = RFC850.exec(text) ?? [];
  if (digits === undefined) return null;
  const now = new Date(nowMs).getUTCFullYear();
  const near = now - (now % 100) + Number(digits);
  return `${day} ${month} ${near > now + 50 ? near - 100 : near} ${time} GMT`;
}

function fromAsctime(text: string): string | null {
  const [, month, day, time, year] = ASCTIME.exec(text) ?? [];
  return year === undefined ? null : `${day!.trim()} ${month} ${year} ${time} GMT`;
}
