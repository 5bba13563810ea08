import { Module } from '@nestjs/common';
import { IngestModule } from '../../libs/domains/ingest/ingest.module.js';

/** The service that takes facts in: the events of the workspaces' own systems. */
@Module({ imports: [IngestModule] })
export class IngestServiceModule {}
