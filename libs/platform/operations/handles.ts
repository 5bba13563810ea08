import 'reflect-metadata';
import type { DynamicModule, ForwardReference, Type } from '@nestjs/common';
import { Controller } from '@nestjs/common';
import type { Caller } from './caller.js';
import type { InputOf, Operation } from './operation.js';
import type { Reply } from './reply.js';

const HANDLES = Symbol('heddle operations');

type Handler<O> = (input: InputOf<O>, caller: Caller) => Promise<Reply>;

interface Handling {
  operation: Operation;
  method: string;
}

/** Says that a controller's method does an operation: its route, permission and all else come from the declaration. */
export function Handles<O extends Operation<never, never, never> | Operation>(operation: O) {
  return (target: object, method: string, _descriptor: { value?: Handler<O> }): void => {
    const known = (Reflect.getOwnMetadata(HANDLES, target) ?? []) as Handling[];
    Reflect.defineMetadata(HANDLES, [...known, { operation, method }], target);
  };
}

/** A Nest controller whose methods are bound to operations, not to Nest's own routes. */
export const OperationController = (): ClassDecorator => Controller();

/** The operations that a controller class handles, with the methods' names. */
export function handlingsOf(controller: Type): Handling[] {
  return (Reflect.getOwnMetadata(HANDLES, controller.prototype) ?? []) as Handling[];
}

type Importable = Type | DynamicModule | ForwardReference | Promise<DynamicModule>;

/**
 * The controllers of a module and of all that it imports, found in Nest's own metadata, so that there is no second
 * list of them.
 */
export function controllersOf(module: Importable, seen = new Set<unknown>()): Type[] {
  if (seen.has(module)) return [];
  seen.add(module);
  const dynamic = 'module' in (module as object) ? (module as DynamicModule) : null;
  const type = dynamic?.module ?? (module as Type);
  const listed = <T>(key: string): T[] => (Reflect.getMetadata(key, type) ?? []) as T[];
  const imports = [...listed<Importable>('imports'), ...((dynamic?.imports ?? []) as Importable[])];
  const controllers = [...listed<Type>('controllers'), ...(dynamic?.controllers ?? [])];
  return [...controllers, ...imports.flatMap((imported) => controllersOf(imported, seen))];
}

/** Every operation that a module offers, by name; throws when two share a name or a route. */
export function operationsOf(module: Importable): Operation[] {
  const operations = controllersOf(module).flatMap((controller) => handlingsOf(controller).map((h) => h.operation));
  const names = new Set<string>();
  for (const { name, method, path } of operations) {
    for (const key of [name, `${method} ${path}`]) {
      if (names.has(key)) throw new Error(`Two operations are declared as "${key}".`);
      names.add(key);
    }
  }
  return operations.sort((a, b) => a.name.localeCompare(b.name));
}
