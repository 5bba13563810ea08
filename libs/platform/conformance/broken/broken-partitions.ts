import type { LogPartition, StoredEvent } from '../../event-log/event-log.js';
import { CUSTOMER, MESSAGE } from '../made-events.js';
import { broken } from './broken-engine.js';
import { dealtOut, decodedOrNull } from './broken-log.js';

const DOMAINS = ['conversation', 'customer', 'user'];

function domainOfType(type: string): string {
  const noun = type.slice(0, type.indexOf('.'));
  return noun === 'message' ? 'conversation' : noun;
}

function typeOf(event: StoredEvent): string {
  return decodedOrNull(event)?.type ?? 'conversation.created';
}

function halfOf(text: string | undefined): number {
  return text === undefined ? 0 : Number.parseInt(text.at(-1)!, 16) % 2;
}

function byStream(event: StoredEvent): number {
  return halfOf(decodedOrNull(event)?.meta.stream);
}

function byDomain(event: StoredEvent): number {
  return Math.max(0, DOMAINS.indexOf(domainOfType(typeOf(event))));
}

const TWO = ['log/0', 'log/1'];
const THREE = [...TWO, 'log/2'];
const all = (partitions: readonly LogPartition[]) => partitions;
let asked = 0;
let opened = 0;

export const brokenPartitions = [
  broken('a stream lies in one partition, whole', { through: dealtOut(THREE, (event) => event.position % 3, all) }),
  broken('the partitions of some types are the same in the same order, each time', {
    through: dealtOut(TWO, byStream, (partitions, types) =>
      types.length > 3 && asked++ % 2 === 1 ? partitions.toReversed() : partitions,
    ),
  }),
  broken('the order in which types are named changes nothing', {
    through: dealtOut(DOMAINS, byDomain, (partitions, types) =>
      [...new Set(types.map(domainOfType))].map((domain) => partitions[DOMAINS.indexOf(domain)]!),
    ),
  }),
  broken('every event of a type lies in the partitions of that type', {
    through: dealtOut(TWO, byStream, (partitions, types) =>
      types.length === 1 && types[0] === CUSTOMER ? partitions.slice(1) : partitions,
    ),
  }),
  broken('the partitions of several types hold the events of all of them', {
    through: dealtOut(DOMAINS, byDomain, (partitions, types) =>
      types.length > 3 || (new Set(types).size > 1 && types.includes(MESSAGE))
        ? partitions
        : [partitions[DOMAINS.indexOf(domainOfType(types[0]!))]!],
    ),
  }),
  broken('types of one domain lie in the same partitions', {
    through: dealtOut(
      ['log/closed', 'log/others'],
      (event) => (typeOf(event) === 'conversation.closed' ? 0 : 1),
      (partitions, types) =>
        new Set(types).size === 1 ? [partitions[types[0] === 'conversation.closed' ? 0 : 1]!] : partitions,
    ),
  }),
  broken('a partition is found again by its name, with the same events at the same positions', {
    through: (log) => {
      const turned = opened++ === 0 ? 0 : 1;
      return dealtOut(TWO, (event) => byStream(event) ^ turned, all)(log);
    },
  }),
];
