import { enterpriseDate } from './enterprise-date.js';
import type { User } from './people.js';
import { seeded } from './seeded.js';

const firstNames =
  'Ada Ben Clara David Elena Farid Grace Hugo Ines Jonas Kira Liam Mona Nils Olga Paul Rosa Sven Tara Uwe'.split(' ');
const lastNames =
  'Adler Brandt Castro Diaz Evans Fischer Grant Huber Ito Jansen Keller Lopez Meyer Novak Okoye Patel Rossi Silva Turner Weber'.split(
    ' ',
  );
const firstUser = 20_000_000_000;

/** A number of managed users; the first is the primary administrator. */
export function accounts(count: number, seed: number): User[] {
  return Array.from({ length: count }, (_, index) => {
    const hash = seeded(seed + 7, index);
    const first = firstNames[hash % firstNames.length] ?? '';
    const last = lastNames[(hash >>> 8) % lastNames.length] ?? '';
    return {
      id: String(firstUser + index),
      name: `${first} ${last}`,
      login: `${first}.${last}.${index + 1}@example.com`.toLowerCase(),
      status: 'active',
      role: index === 0 ? 'admin' : 'user',
      kind: 'managed',
      createdAt: enterpriseDate(Date.UTC(2015, 2, 1) + index * 3_600_000),
    };
  });
}

/** The account that an app has of its own: it is never listed and owns nothing. */
export const serviceAccount: User = {
  id: '19000000001',
  name: 'Connector',
  login: 'AutomationUser_1234567_Qy7tR2xWcB@boxdevedition.com',
  status: 'active',
  role: 'user',
  kind: 'service',
  createdAt: '2015-03-01T00:00:00-08:00',
};
