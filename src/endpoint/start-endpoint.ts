import { Figures } from './figures.js';
import { type Answer, httpServer, type ServerOptions } from './http-server.js';
import { prometheusText } from './prometheus-text.js';

export interface EndpointDeps {
  readonly version: string;
  /** Aborted when the process is asked to end: from then on it is not ready. */
  readonly stop: AbortSignal;
}

/** What an operator can watch from outside. */
export interface Endpoint {
  readonly url: string;
  readonly figures: Figures;
  /** From now on the process does what it is there for. */
  ready(): void;
  close(): Promise<void>;
}

/**
 * Health and metrics over HTTP: `/health/live`, `/health/ready` and `/metrics`. It listens when this resolves, and is
 * not ready before it is told so; it goes on answering until it is closed, also while what is under way is drained.
 */
export async function startEndpoint({ version, stop }: EndpointDeps, options: ServerOptions): Promise<Endpoint> {
  const figures = new Figures();
  const state = { hasBegun: false };
  const isReady = () => state.hasBegun && !stop.aborted;
  const metrics = prometheusText({ figures, version, isReady });
  const server = await httpServer(options, async (path) => {
    switch (path) {
      case '/health/live':
        return health(200, 'live');
      case '/health/ready':
        return isReady() ? health(200, 'ready') : health(503, stop.aborted ? 'stopping' : 'starting');
      case '/metrics':
        return { status: 200, contentType: metrics.contentType, body: await metrics.text() };
      default:
        return null;
    }
  });
  return {
    url: server.url,
    figures,
    ready: () => {
      state.hasBegun = true;
    },
    close: () => server.close(),
  };
}

function health(status: number, word: string): Answer {
  return { status, contentType: 'application/json; charset=utf-8', body: `${JSON.stringify({ status: word })}\n` };
}
