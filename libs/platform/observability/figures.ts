import { Counter, Gauge, type Registry } from 'prom-client';
import type { ProjectionStatus } from '../projections/projection-runner.js';

/** A figure of what a domain does in this process, read when the metrics are asked for. No label names a thing or a person. */
export interface Figure {
  name: string;
  help: string;
  kind: 'counter' | 'gauge';
  /** What its values are told apart by; left out, there is one. */
  label?: string;
  read(): number | Iterable<readonly [labelled: string, value: number]>;
}

/** What domains have to say beside what every service counts. */
export class Figures {
  private readonly all: Figure[] = [];
  private readonly followers: (() => ProjectionStatus)[] = [];

  add(...figures: readonly Figure[]): void {
    this.all.push(...figures);
  }

  /** What follows the log, and is no projection of the service's follower. */
  addFollower(status: () => ProjectionStatus): void {
    this.followers.push(status);
  }

  statuses(): ProjectionStatus[] {
    return this.followers.map((status) => status());
  }

  register(registry: Registry): void {
    for (const figure of this.all) registerFigure(registry, figure);
  }
}

function registerFigure(registry: Registry, { name, help, kind, label, read }: Figure): void {
  const labelNames = label === undefined ? [] : [label];
  const values = (): [Record<string, string>, number][] => {
    const now = read();
    if (typeof now === 'number') return [[{}, now]];
    return [...now].map(([labelled, value]) => [{ [label ?? '']: labelled }, value]);
  };
  if (kind === 'gauge') {
    new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      collect() {
        for (const [labels, value] of values()) this.set(labels, value);
      },
    });
    return;
  }
  new Counter({
    name,
    help,
    labelNames,
    registers: [registry],
    collect() {
      this.reset();
      for (const [labels, value] of values()) this.inc(labels, value);
    },
  });
}
