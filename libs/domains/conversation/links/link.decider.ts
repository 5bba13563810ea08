import { type Refusal, refuse } from '../../../platform/kernel/decider.js';
import type { HeldKind, LinkCommand } from './link.commands.js';
import type { ConversationForked, LinkEvent } from './link.events.js';
import type { Ties } from './link.state.js';

export const NO_TIES: Ties = { links: [], references: [], mergedInto: null };

/** Of each: the state is read with every command. */
export const MOST_TIES = 100;

/** Of a conversation with this customer. */
export function decideTie(command: LinkCommand, ties: Ties, customer: string): LinkEvent[] | Refusal {
  switch (command.type) {
    case 'link':
      return linked(command.kind, command.other, ties);
    case 'unlink': {
      const { kind, other } = command;
      if (!ties.links.includes(linkOf(kind, other))) {
        return refuse('not_linked', 'There is no such link between the two.');
      }
      return [{ type: 'conversation.unlinked', data: { kind, conversation_id: other } }];
    }
    case 'add_reference': {
      const { reference, referenceType, externalId, url, title } = command;
      if (ties.references.length >= MOST_TIES) return full('references');
      return [
        {
          type: 'conversation.reference_added',
          data: { reference_id: reference, type: referenceType, external_id: externalId, url, title },
        },
      ];
    }
    case 'remove_reference':
      if (!ties.references.includes(command.reference)) {
        return refuse('not_found', `The conversation has no reference ${command.reference}.`);
      }
      return [{ type: 'conversation.reference_removed', data: { reference_id: command.reference } }];
    case 'merge':
      if (ties.mergedInto !== null) return merged(ties.mergedInto);
      if (!command.customers.includes(customer)) {
        return refuse('customer_mismatch', 'The two conversations are with different customers.');
      }
      return [{ type: 'conversation.merged', data: { into_id: command.into } }];
    default:
      return command satisfies never;
  }
}

function linked(kind: HeldKind, other: string, { links }: Ties): LinkEvent[] | Refusal {
  if (links.includes(linkOf(kind, other))) return refuse('already_linked', 'The two are linked so already.');
  const before = kind === 'related' ? undefined : links.find((link) => link.startsWith(`${kind} `));
  if (before !== undefined) {
    const [, id] = before.split(' ');
    const what = kind === 'parent' ? 'has the parent' : 'is a duplicate of';
    return refuse('already_linked', `The conversation ${what} ${id} already. Take that link away first.`);
  }
  if (links.length >= MOST_TIES) return full('links');
  return [{ type: 'conversation.linked', data: { kind, conversation_id: other } }];
}

/** Why a conversation that goes on in another one takes no messages. */
export function merged(into: string): Refusal {
  return refuse('conversation_merged', `The conversation was merged into ${into}: go on there.`);
}

function full(what: string): Refusal {
  return refuse('too_many', `A conversation can have ${MOST_TIES} ${what}, and has them. Take one away first.`);
}

export function evolveTies(ties: Ties, event: Exclude<LinkEvent, ConversationForked>): Ties {
  switch (event.type) {
    case 'conversation.linked':
      return { ...ties, links: [...ties.links, linkOf(event.data.kind, event.data.conversation_id)] };
    case 'conversation.unlinked': {
      const gone = linkOf(event.data.kind, event.data.conversation_id);
      return { ...ties, links: ties.links.filter((link) => link !== gone) };
    }
    case 'conversation.reference_added':
      return { ...ties, references: [...ties.references, event.data.reference_id] };
    case 'conversation.reference_removed': {
      const { reference_id: gone } = event.data;
      return { ...ties, references: ties.references.filter((id) => id !== gone) };
    }
    case 'conversation.merged':
      return { ...ties, mergedInto: event.data.into_id };
    default:
      return event satisfies never;
  }
}

function linkOf(kind: string, other: string): string {
  return `${kind} ${other}`;
}
