import { chaosRound } from './support/zz-round.js';
import { startRealParts } from './support/real-parts.js';
const stop = await startRealParts();
try { console.log(await chaosRound(Number(process.argv[2]))); } catch (e) { console.log(String((e as Error).message), (e as any).details); }
await stop();
