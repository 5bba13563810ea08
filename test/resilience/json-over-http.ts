import { Agent, request } from 'node:http';

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** Parsed where the media type is JSON, else the text. */
  body: unknown;
}

/** One address of the product, spoken to as any client would. Connections are kept alive. */
export class JsonOverHttp {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 256 });

  constructor(
    readonly port: number,
    readonly key: string,
  ) {}

  /** Rejects on a broken connection, and after `timeoutMs` without an answer. */
  send(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
    timeoutMs = 15_000,
  ): Promise<Answer> {
    const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          host: '127.0.0.1',
          port: this.port,
          method,
          path,
          agent: this.#agent,
          headers: {
            authorization: `Bearer ${this.key}`,
            ...(payload === undefined
              ? {}
              : { 'content-type': 'application/json', 'content-length': String(payload.length) }),
            ...headers,
          },
        },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('error', reject);
          answer.on('aborted', () => reject(new Error('the connection broke inside an answer')));
          answer.on('end', () => {
            const text = Buffer.concat(chunks).toString();
            try {
              const json = (answer.headers['content-type'] ?? '').includes('json') && text !== '';
              resolve({
                status: answer.statusCode ?? 0,
                headers: answer.headers,
                body: json ? JSON.parse(text) : text,
              });
            } catch (error) {
              reject(error);
            }
          });
        },
      );
      sent.setTimeout(timeoutMs, () => sent.destroy(new Error(`no answer within ${timeoutMs} ms`)));
      sent.on('error', reject);
      sent.end(payload);
    });
  }

  /** `send`, for steps that have to work: rejects on any status but 2xx, with the answer in the message. */
  async must<T>(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<T> {
    const answer = await this.send(method, path, body, headers);
    if (answer.status < 200 || answer.status > 299) {
      throw new Error(`${method} ${path} was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    }
    return answer.body as T;
  }

  /** Every item of a list, page by page. */
  async all<T>(path: string, limit = 1000): Promise<T[]> {
    const items: T[] = [];
    let cursor: string | null = null;
    do {
      const separator = path.includes('?') ? '&' : '?';
      const more: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page: { data: T[]; next_cursor: string | null } = await this.must(
        'GET',
        `${path}${separator}limit=${limit}${more}`,
      );
      items.push(...page.data);
      if (page.next_cursor === cursor && cursor !== null) throw new Error(`GET ${path} answers the same cursor again`);
      cursor = page.next_cursor;
    } while (cursor);
    return items;
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** True once `/readyz` answers 200; false on anything else, a refused connection included. */
export async function isReady(port: number): Promise<boolean> {
  const client = new JsonOverHttp(port, 'none');
  try {
    return (await client.send('GET', '/readyz', undefined, {}, 2000)).status === 200;
  } catch {
    return false;
  } finally {
    client.close();
  }
}
