/** Has a process that was started with --inspect on a port collect its garbage, all of it. */
export async function collectGarbage(inspected: number): Promise<void> {
  const [target] = (await (await fetch(`http://127.0.0.1:${inspected}/json/list`)).json()) as [
    { webSocketDebuggerUrl: string },
  ];
  const inspector = new WebSocket(target.webSocketDebuggerUrl);
  await new Promise<void>((resolve, reject) => {
    inspector.onopen = () => inspector.send('{"id":1,"method":"HeapProfiler.collectGarbage"}');
    inspector.onmessage = () => resolve();
    inspector.onerror = () => reject(new Error(`nothing can be inspected on port ${inspected}`));
  });
  inspector.close();
}
