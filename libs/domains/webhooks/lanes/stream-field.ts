import { z } from 'zod';
import { STREAM_ID } from '../attempts/stream-id.js';

/** A stream of whatever kind. */
export const streamField = z.string().regex(STREAM_ID, 'is not the id of a stream');
