import { Module } from '@nestjs/common';
import { AccessModule } from '../../libs/domains/access/access.module.js';

/** The service of workspaces and keys. */
@Module({ imports: [AccessModule] })
export class AccessServiceModule {}
