import { z } from 'zod';
import { FIELD_PROBLEMS, fieldsBody, heldValues } from '../../../platform/fields/field-schemas.js';
import { idField } from '../../../platform/operations/fields.js';
import { defineOperation } from '../../../platform/operations/operation.js';

const PROBLEMS = FIELD_PROBLEMS.filter((code) => code !== 'person_erased');
const exampleBody = { fields: { tier: 'gold', since: '2019-06-01' } };

/** The three operations of the fields of one kind of organization. */
function operationsOf<Prefix extends 'com' | 'ten', Things extends string>(
  prefix: Prefix,
  noun: string,
  things: Things,
  changedName: string,
) {
  const path = `/v1/${things}/{id}/fields` as const;
  const params = z.strictObject({ id: idField(prefix) });
  const example = { params: { id: `${prefix}_0198f2c0a1b27c3d8e4f5a6b7c8d9e09` }, body: exampleBody };
  const changing = {
    path,
    params,
    responses: {
      200: {
        description: 'The fields are as the request says.',
        schema: z.strictObject({ id: idField(prefix) }).meta({ id: changedName }),
      },
    },
    scopes: ['customers:write'],
    changes: true,
    versioned: true,
    conditional: true,
    body: fieldsBody,
    problems: PROBLEMS,
    example,
  } as const;
  return {
    update: defineOperation({
      ...changing,
      name: `${things}.update_fields`,
      method: 'PATCH',
      summary: `Change some custom fields of a ${noun}`,
      description: 'A JSON Merge Patch (RFC 7396) by key, as for a customer.',
      consumes: 'application/merge-patch+json',
    }),
    replace: defineOperation({
      ...changing,
      name: `${things}.replace_fields`,
      method: 'PUT',
      summary: `Give a ${noun} these values in its custom fields, and no others`,
    }),
    get: defineOperation({
      name: `${things}.fields`,
      method: 'GET',
      path,
      summary: `Read the custom fields of a ${noun}, each with the version of the field under which it was set`,
      scopes: ['customers:read'],
      changes: false,
      versioned: true,
      params,
      responses: { 200: { description: 'The values, by key.', schema: heldValues } },
      example: { params: example.params },
    }),
  };
}

export const companyFields = operationsOf('com', 'company', 'companies', 'ChangedCompany');
export const tenantFields = operationsOf('ten', 'tenant', 'tenants', 'ChangedTenant');
