/** Seconds by file. */
export declare const LONGEST: Readonly<Record<string, number>>;

export default class LongestFirst {
  sort<Test extends { path: string }>(tests: readonly Test[]): Test[];
  cacheResults(): void;
}
