import type { ServerProcess } from '../resilience/server-process.js';
import { makeWorkspace, type Workspace } from '../resilience/workspace.js';
import type { Bench } from './bench.js';
import { type WrkLoad, wrk } from './wrk.js';

/** A product server with a workspace in it and conversations to post to. */
export interface Store {
  server: ServerProcess;
  workspace: Workspace;
  /** The share of the conversations that the posting rows write to, 1,000. */
  posted: string[];
}

export const POSTED_CONVERSATIONS = 1000;
const TEXT_BYTES = 200;

export async function openStore(bench: Bench, server: ServerProcess, conversations: number): Promise<Store> {
  const workspace = await makeWorkspace(server.settings.port, bench.rootKey, conversations);
  return { server, workspace, posted: workspace.conversations.slice(0, POSTED_CONVERSATIONS) };
}

/** The body of every posted message: a text of 200 bytes, from the customer. */
export function messageBody(customer: string): string {
  const text = 'How long does it take until a parcel that was sent back is booked, and where do I see that? '
    .repeat(3)
    .slice(0, TEXT_BYTES);
  return JSON.stringify({ author: { type: 'customer', id: customer }, type: 'text', text });
}

export function postLoad(
  store: Store,
  conversations: readonly string[],
  connections: number,
  seconds: number,
): WrkLoad {
  return {
    port: store.server.settings.port,
    connections,
    seconds,
    method: 'POST',
    paths: conversations.map((id) => `/v1/conversations/${id}/messages`),
    headers: { Authorization: `Bearer ${store.workspace.key}` },
    body: messageBody(store.workspace.customer),
    uniqueKeys: true,
  };
}

/**
 * Posts until at least so many messages went in, spread at random over these conversations. Resolves to their number, without those
 * that were under way when wrk ended. A server that is new is slow at first: `mostSeconds` keeps what was guessed from that short.
 */
export async function fill(
  store: Store,
  conversations: readonly string[],
  messages: number,
  mostSeconds = 30,
): Promise<number> {
  let posted = 0;
  let seconds = 1;
  while (posted < messages) {
    const { requests, failed, rate } = await wrk(postLoad(store, conversations, 64, seconds));
    if (failed > 0) throw new Error(`${failed} of ${requests} posts failed while the store was filled`);
    posted += requests;
    seconds = Math.max(1, Math.min(mostSeconds, Math.floor((0.8 * (messages - posted)) / rate)));
  }
  return posted;
}
