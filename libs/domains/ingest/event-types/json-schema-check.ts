import type { ErrorObject, KeywordDefinition, ValidateFunction } from 'ajv';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { FieldError } from '../../../platform/kernel/problem.js';
import { canonical } from './canonical.js';
import type { DataCheck } from './data-check.js';
import { isEqualJson } from './json-equality.js';
import type { JsonSchemaDocument } from './json-schema.js';
import { FORMATS } from './json-schema-formats.js';
import {
  ANNOTATIONS,
  holdsSchemas,
  isOwn,
  isSchemaObject,
  type JsonSchema,
  pointer,
  type SchemaObject,
  subschemasOf,
} from './schema-keywords.js';
import { type Allowance, TooCostly, WorkBudget } from './work-budget.js';

/** About 50 ms. */
const MOST_STEPS = 500_000;
/** For finding all that is wrong, and not only whether anything is. */
const MOST_STEPS_FOR_ERRORS = 20_000;
const MOST_ERRORS = 20;
const CHARACTERS_A_STEP = 16;
const ITEMS_A_STEP = 16;
const STEPS_A_NAME = 3;
const COST = 'heddle:cost';

/** A check of data by a schema that was read. */
export function jsonSchemaCheck(document: JsonSchemaDocument): DataCheck {
  const first = compiled(document, false);
  let thorough: Compiled | undefined;
  return (data, allowance) => {
    try {
      if (first.run(data, MOST_STEPS, allowance)) return null;
    } catch (error) {
      return [{ pointer: '', message: costMessage(error) }];
    }
    const [found] = errorsOf(first.errors);
    try {
      thorough ??= compiled(document, true);
      thorough.run(data, MOST_STEPS_FOR_ERRORS, allowance);
      return errorsOf(thorough.errors).slice(0, MOST_ERRORS);
    } catch {
      return [found!];
    }
  };
}

/** Throws all but what data and schema together can cause. */
function costMessage(error: unknown): string {
  if (error instanceof TooCostly) return error.message;
  if (error instanceof RangeError) return 'is nested too deep to be checked by its schema';
  throw error;
}

interface Compiled {
  run(data: unknown, steps: number, allowance?: Allowance): boolean;
  errors: ErrorObject[];
}

function compiled({ draft, root, patterns }: JsonSchemaDocument, allErrors: boolean): Compiled {
  const budget = new WorkBudget();
  // Ajv keeps patterns by their texts.
  const pattern = (text: string) => ({
    test: (value: string) => patterns.get(text)!.test(value, budget),
    toString: () => text,
  });
  const options = {
    // What was read is known to be right; a mistake in reading it must not stop a log.
    meta: false,
    validateSchema: false,
    strict: false,
    logger: false as const,
    allErrors,
    ownProperties: true,
    // An inlined reference would be counted as the one that it stands in.
    inlineRefs: false,
    formats: FORMATS,
    // Ajv's optimizer goes through all of the code for each name in it: seconds, for what V8 does anyway.
    code: { optimize: false, regExp: Object.assign(pattern, { code: 'linearPattern' }) },
  };
  const ajv = draft === 'draft-07' ? new Ajv(options) : new Ajv2020(options);
  ajv.addKeyword({ ...costKeyword(budget), before: '$ref' });
  // Ajv compares each item with each.
  ajv.removeKeyword('uniqueItems');
  ajv.addKeyword(uniqueItemsKeyword(budget));
  // Ajv asks what it compares for `valueOf` and `toString`, which data may have as names of its own.
  ajv.removeKeyword('const').removeKeyword('enum');
  ajv.addKeyword(valuesKeyword('const', (wanted) => [wanted], 'must be equal to constant', budget));
  ajv.addKeyword(
    valuesKeyword('enum', (wanted) => wanted as unknown[], 'must be equal to one of the allowed values', budget),
  );
  const validate: ValidateFunction = ajv.compile(prepared(root) as SchemaObject);
  return {
    run: (data, steps, allowance) => budget.within(steps, allowance, () => validate(data)),
    get errors() {
      return validate.errors ?? [];
    },
  };
}

/** What a look at data costs by one place of a schema. */
interface Cost {
  own: number;
  /** Whether it looks at each name. */
  names: boolean;
}

function costKeyword(budget: WorkBudget): KeywordDefinition {
  const spend =
    ({ own, names }: Cost) =>
    (data: unknown) => {
      budget.spend(own + sizeOf(data, names));
      return true;
    };
  return { keyword: COST, schemaType: 'object', errors: false, compile: spend };
}

/** The length of a text, of a list, or of an object's names where that counts, in steps. */
function sizeOf(data: unknown, names: boolean): number {
  if (typeof data === 'string') return data.length / CHARACTERS_A_STEP;
  if (Array.isArray(data)) return data.length / ITEMS_A_STEP;
  return names && typeof data === 'object' && data !== null ? STEPS_A_NAME * Object.keys(data).length : 0;
}

function valuesKeyword(
  keyword: string,
  valuesOf: (wanted: unknown) => readonly unknown[],
  message: string,
  budget: WorkBudget,
): KeywordDefinition {
  const look = (names: number) => budget.spend(1 + STEPS_A_NAME * names);
  const isAmong = (values: readonly unknown[]) => {
    const isObject = (value: unknown) => typeof value === 'object' && value !== null;
    const plain = new Set(values.filter((value) => !isObject(value)));
    const objects = values.filter(isObject);
    return (data: unknown) =>
      plain.has(data) || (isObject(data) && objects.some((value) => isEqualJson(data, value, look)));
  };
  return { keyword, compile: (wanted: unknown) => isAmong(valuesOf(wanted)), error: { message } };
}

function uniqueItemsKeyword(budget: WorkBudget): KeywordDefinition {
  const isUnique = (items: readonly unknown[]) => {
    const seen = new Set<string>();
    return items.every((item) => {
      const text = canonical(item);
      budget.spend(4 + text.length / 8);
      return seen.size < seen.add(text).size;
    });
  };
  return {
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    compile: (wanted: boolean) => (wanted ? isUnique : () => true),
    error: { message: 'must not have two equal items' },
  };
}

/** The schema with what each place costs to look at, and without what is not for the validator. */
function prepared(schema: JsonSchema): JsonSchema {
  if (!isSchemaObject(schema)) return schema;
  const copy: SchemaObject = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (!isOwn(keyword) && keyword !== '$schema' && keyword !== '$id') copy[keyword] = structuredClone(value);
  }
  for (const { keyword, path, schema: inner } of subschemasOf(schema)) {
    const steps = path.slice(1).split('/').slice(1).map(unescaped);
    const below = prepared(inner as JsonSchema);
    if (steps.length === 0) copy[keyword] = below;
    else (copy[keyword] as SchemaObject)[steps[0]!] = below;
  }
  copy[COST] = costOf(schema);
  return copy;
}

function unescaped(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~');
}

const OF_NAMES: ReadonlySet<string> = new Set([
  'additionalProperties',
  'maxProperties',
  'minProperties',
  'patternProperties',
  'propertyNames',
  'unevaluatedProperties',
]);

function costOf(schema: SchemaObject): Cost {
  let own = 1;
  for (const [keyword, value] of Object.entries(schema)) {
    // The schemas in it have their own.
    if (holdsSchemas(keyword)) own += isSchemaObject(value) || Array.isArray(value) ? partsOf(value) : 1;
    else if (!ANNOTATIONS.has(keyword) && !isOwn(keyword)) own += valuesIn(value);
  }
  return { own, names: Object.keys(schema).some((keyword) => OF_NAMES.has(keyword)) };
}

/** Those of `dependencies` may be lists of names. */
function partsOf(value: object): number {
  return Object.values(value).reduce<number>((sum, part) => sum + (Array.isArray(part) ? 1 + part.length : 1), 0);
}

/** All of a value that may be compared with data. */
function valuesIn(value: unknown): number {
  if (typeof value === 'string') return 1 + value.length / 64;
  if (typeof value !== 'object' || value === null) return 1;
  return Object.entries(value).reduce((sum, [name, inner]) => sum + name.length / 64 + valuesIn(inner), 1);
}

function errorsOf(errors: readonly ErrorObject[]): FieldError[] {
  return errors.map((error) => ({ pointer: error.instancePath + missingOf(error), message: messageOf(error) }));
}

function missingOf({ params }: ErrorObject): string {
  const name = params.missingProperty ?? params.additionalProperty ?? params.unevaluatedProperty;
  return typeof name === 'string' ? pointer(name) : '';
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  null: 'null',
};

function messageOf({ keyword, params, message }: ErrorObject): string {
  switch (keyword) {
    case 'required':
    case 'dependentRequired':
    case 'dependencies':
      return 'is missing';
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return 'is no field of this type';
    case 'type':
      return `is not ${[params.type]
        .flat()
        .map((type) => KINDS[type as string])
        .join(' or ')}`;
    case 'false schema':
      return 'may not be there';
    default:
      return message ?? `does not fit ${keyword}`;
  }
}
