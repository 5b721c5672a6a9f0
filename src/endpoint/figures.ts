import { ConnectorFigures } from './connector-figures.js';
import type { Sample } from './sample.js';

/** The figures of all connectors of this process, by connector id. */
export class Figures {
  readonly #connectors = new Map<string, ConnectorFigures>();

  /** Those of one connector; made when they are first asked for. */
  of(connectorId: string): ConnectorFigures {
    let figures = this.#connectors.get(connectorId);
    if (figures === undefined) {
      figures = new ConnectorFigures();
      this.#connectors.set(connectorId, figures);
    }
    return figures;
  }

  /** All series as they are now, by connector id. */
  samples(): readonly (readonly [string, readonly Sample[]])[] {
    return [...this.#connectors].map(([id, figures]) => [id, figures.samples()] as const);
  }
}
