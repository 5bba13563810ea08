import { createServer, type ServerResponse } from 'node:http';

/**
 * The floor of a live fan-out: a bare Node.js server that holds streams of server-sent events open, and writes frames that it is
 * sent to all of them, one write a frame and stream. Run as `node fanout-floor-server.js` with FLOOR_PORT.
 */
const readers = new Set<ServerResponse>();
createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.flushHeaders();
  readers.add(response);
  response.on('close', () => readers.delete(response));
}).listen(Number(process.env.FLOOR_PORT), '127.0.0.1', () => process.send!('ready'));

process.on('message', (frames: string[]) => {
  for (const frame of frames) {
    const bytes = Buffer.from(frame);
    for (const reader of readers) reader.write(bytes);
  }
});
process.on('disconnect', () => process.exit());
