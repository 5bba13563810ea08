import { Module } from '@nestjs/common';
import { AnalyticsModule } from '../../libs/domains/analytics/analytics.module.js';

/** The service of figures. */
@Module({ imports: [AnalyticsModule] })
export class AnalyticsServiceModule {}
