import { CATALOGUE } from '../../../platform/event-schemas/schema-catalogue.js';
import { Handles, OperationController } from '../../../platform/operations/handles.js';
import type { InputOf } from '../../../platform/operations/operation.js';
import { ok, type Reply } from '../../../platform/operations/reply.js';
import { compareSchemas, getSchema, getSchemaVersion, listSchemas } from './schemas.operations.js';
import { ShownSchemas } from './shown-schemas.js';

@OperationController()
export class SchemasController {
  private readonly shown = new ShownSchemas(CATALOGUE);

  @Handles(listSchemas)
  async list(): Promise<Reply> {
    return ok({ data: this.shown.list() });
  }

  @Handles(getSchema)
  async get({ params }: InputOf<typeof getSchema>): Promise<Reply> {
    return ok(this.shown.type(params.type));
  }

  @Handles(getSchemaVersion)
  async getVersion({ params }: InputOf<typeof getSchemaVersion>): Promise<Reply> {
    return ok(this.shown.version(params.type, params.version));
  }

  @Handles(compareSchemas)
  async compare({ params, query }: InputOf<typeof compareSchemas>): Promise<Reply> {
    return ok(this.shown.changes(params.type, query.from, query.to));
  }
}
