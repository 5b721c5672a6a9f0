import type { Service } from '../../src/app/command-line.js';

/** For commands that do not reach the service. */
export const noService: Service = { serve: () => Promise.resolve(0), connector: () => Promise.resolve(0) };
