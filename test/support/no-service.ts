import type { Service } from '../../src/app/command-line.js';

const done = () => Promise.resolve(0);

/** For commands that do not reach the service. */
export const noService: Service = { serve: done, check: done, connector: done };
