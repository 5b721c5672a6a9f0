import { AbortedError } from '../core/errors.js';
import type { Finding } from '../sinks/elasticsearch-probe.js';
import type { BoxAccess } from './box-access.js';
import { messageOf } from '../core/message-of.js';

/** Signs in to Box, lists one page of what a run begins with, and says what of it works. */
export async function checkBox({ box, isEnterprise }: BoxAccess, signal: AbortSignal): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const look = async (what: string, work: () => Promise<{ found: string; advice?: string }>): Promise<boolean> => {
    try {
      const { found, advice = null } = await work();
      findings.push({ what, ok: true, found, advice });
      return true;
    } catch (error) {
      if (error instanceof AbortedError) throw error;
      findings.push({ what, ok: false, found: messageOf(error), advice: null });
      return false;
    }
  };

  const signedIn = await look('Box sign-in', async () => {
    const { name, login, id } = await box.me(signal);
    return { found: `signed in as ${name ?? 'user'} (${login ?? id})` };
  });
  if (!signedIn) return findings;
  await look('Box root folder', async () => {
    const { entries } = await box.listFolder('0', { marker: null, limit: 1 }, signal);
    return { found: entries.length === 0 ? 'can be listed; it is empty' : 'can be listed' };
  });
  if (!isEnterprise) return findings;
  let viewer: string | undefined;
  await look('Box users', async () => {
    const { users, nextMarker } = await box.listUsers({ marker: null }, signal);
    const active = users.filter(({ status }) => status !== 'inactive');
    viewer = active[0]?.id;
    if (viewer === undefined) {
      return {
        found: 'no active user is listed',
        advice: 'Check that the app may manage users, and that the administrator has authorised it after the change',
      };
    }
    return { found: `${active.length}${nextMarker === null ? '' : ' or more'} active users` };
  });
  if (viewer !== undefined) {
    const asUser = viewer;
    await look('Box as-user', async () => {
      await box.listFolder('0', { marker: null, limit: 1, asUser }, signal);
      return { found: `the root of user ${asUser} can be listed` };
    });
  }
  return findings;
}
