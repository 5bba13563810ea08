/** Every process that the launcher has started and that still runs. */
export const children = new Set();

let ending = false;

/** Whether the launcher was told to end, so that a child's end is no failure. */
export function isEnding() {
  return ending;
}

/** Ends everything below, once: in order first, by force after `graceMs` (then the launcher ends with `exitCode`). */
export function endChildren(graceMs, exitCode) {
  if (ending) return;
  ending = true;
  if (children.size === 0) process.exit(exitCode);
  for (const child of children) child.kill('SIGTERM');
  setTimeout(() => {
    for (const child of children) child.kill('SIGKILL');
    process.exit(exitCode);
  }, graceMs).unref();
}
