import type { OpenBoxOptions } from '../src/index.js';

/**
 * The Box that the examples read: the simulated one (`make build && node dist/main.js simulate`), unless the environment
 * names another.
 */
export const boxOptions: Omit<OpenBoxOptions, 'tokens'> = {
  baseUrl: process.env['BOX_BASE_URL'] ?? 'http://127.0.0.1:8321',
  callsPerMinute: 0,
  signIn: {
    kind: 'client-credentials',
    clientId: process.env['BOX_CLIENT_ID'] ?? 'demo',
    clientSecret: process.env['BOX_CLIENT_SECRET'] ?? 'demo-secret',
    subject: { type: 'enterprise', id: process.env['BOX_ENTERPRISE_ID'] ?? '1' },
  },
};
