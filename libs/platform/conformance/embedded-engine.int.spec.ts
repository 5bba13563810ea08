import { embeddedEngine } from './embedded-engine.js';
import { describeConformance } from './suite.js';

describeConformance(embeddedEngine());
