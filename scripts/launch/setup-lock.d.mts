export function lockName(clone: string): string;
export function withSetupLock<Result>(
  work: () => Promise<Result> | Result,
  options?: { clone?: string; tellAfterMs?: number; giveUpAfterMs?: number },
): Promise<Result>;
