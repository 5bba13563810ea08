import 'reflect-metadata';
import { type DynamicModule, Module, type ModuleMetadata, type Type } from '@nestjs/common';
import type { AnyAggregate } from '../commands/command.js';
import type { Projection } from '../projections/projection.js';

/** What a domain brings beside its controllers. */
export interface Domain {
  /** The service that it is a part of: a Postgres schema and a role. */
  service: string;
  /** The folder of its migrations, relative to the package's root; null for none. */
  migrations: string | null;
  projections: readonly Projection[];
  /** The kinds of its streams; none where it decides nothing. */
  aggregates: readonly AnyAggregate[];
}

const DOMAIN = Symbol('heddle domain');

/** A Nest module that is a domain. Listing it in an app's module is all that runs it. */
export function DomainModule({
  service,
  migrations,
  projections,
  aggregates,
  ...nest
}: Domain & Pick<ModuleMetadata, 'controllers' | 'providers'>): ClassDecorator {
  return (target) => {
    Reflect.defineMetadata(DOMAIN, { service, migrations, projections, aggregates } satisfies Domain, target);
    Module(nest)(target);
  };
}

/** The domains that a module lists, in its order, itself included. */
export function domainsOf(module: Type): Domain[] {
  const own = Reflect.getOwnMetadata(DOMAIN, module) as Domain | undefined;
  const imports = (Reflect.getMetadata('imports', module) ?? []) as (Type | DynamicModule)[];
  return [...(own === undefined ? [] : [own]), ...imports.flatMap((i) => domainsOf('module' in i ? i.module : i))];
}
