import { Module } from '@nestjs/common';
import { ConversationModule } from '../../libs/domains/conversation/conversation.module.js';
import { CustomerModule } from '../../libs/domains/customer/customer.module.js';
import { UserModule } from '../../libs/domains/user/user.module.js';

/** The service of conversations, customers, users and AI agents. */
@Module({ imports: [ConversationModule, CustomerModule, UserModule] })
export class ConversationServiceModule {}
