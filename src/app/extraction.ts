import { assertNever } from '../core/assert-never.js';
import type { Clock } from '../core/clock.js';
import { ConfigError } from '../core/errors.js';
import type { Config } from '../config/schema.js';
import { type ContentGate, contentGate } from '../extractors/content-gate.js';
import { extractionService } from '../extractors/extraction-service.js';
import type { Extractor } from '../extractors/extractor.js';
import { ingestAttachment } from '../extractors/ingest-attachment.js';
import { noText } from '../extractors/no-text.js';
import { tika } from '../extractors/tika.js';
import { wantedContent } from '../extractors/wanted-content.js';
import { type PatienceDeps, withPatience } from '../extractors/with-patience.js';
import type { Found } from '../sources/change.js';
import { takesText } from './takes-text.js';

export interface Extraction {
  readonly gate: ContentGate;
  readonly extractor: Extractor;
  /** Which content the text of an item should be of; `null` for what gets none. */
  readonly wantedContent: (found: Found) => string | null;
}

type Settings = Pick<Config, 'extraction' | 'extraction_service' | 'tika' | 'pipeline' | 'service'>;

/** The gate and the extractor that the configuration asks for. */
export function extraction(
  deps: { readonly clock: Clock; readonly random: () => number } & PatienceDeps,
  config: Settings,
): Extraction {
  const gate = contentGate({ enabled: takesText(config), maxBytes: config.service.max_file_download_size });
  const extractor = withPatience(extractorOf(deps, config), deps, { maxTries: config.extraction.max_tries });
  return { gate, extractor, wantedContent: wantedContent(gate, extractor) };
}

function extractorOf(
  deps: { readonly clock: Clock; readonly random: () => number },
  { extraction: { method }, extraction_service: service, tika: tikaServer, pipeline }: Settings,
): Extractor {
  const reduceWhitespace = pipeline.reduce_whitespace;
  switch (method) {
    case 'ingest_attachment':
      return ingestAttachment({ pipeline: pipeline.name, reduceWhitespace, runMlInference: pipeline.run_ml_inference });
    case 'extraction_service':
      if (service.host === null) {
        throw new ConfigError([
          'Cannot use "extraction.method": extraction_service without "extraction_service.host", expected its address',
        ]);
      }
      return extractionService(deps, {
        host: service.host,
        sharedVolumeDir: service.use_file_pointers ? service.shared_volume_dir : undefined,
        reduceWhitespace,
        timeoutMs: service.timeout * 1_000,
      });
    case 'tika':
      return tika(deps, { url: tikaServer.url, reduceWhitespace, timeoutMs: tikaServer.timeout * 1_000 });
    case 'none':
      return noText;
    default:
      return assertNever(method);
  }
}
