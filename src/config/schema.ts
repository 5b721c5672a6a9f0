import { connectorEntries } from './connector-entries.js';
import type { Format } from './format.js';
import {
  anyNumber,
  boxId,
  boxIds,
  byteSize,
  flag,
  headerText,
  headers,
  httpUrl,
  ignored,
  logLevel,
  oneOf,
  seconds,
  text,
  textLike,
  texts,
  uncheckedList,
  wholeNumber,
} from './format.js';

/**
 * One key of the configuration, as convict has it. `sensitive` values are masked wherever they are shown and may also
 * be given by file (`<key>_file`, `<ENV>_FILE`). `nullable` keys have no default: `null` is "not given".
 */
export interface Leaf<T = unknown> {
  readonly doc: string;
  readonly format: Format<T>;
  readonly default: T | null;
  /** The environment variable that overrides the file. Keys without effect have none. */
  readonly env?: string;
  readonly sensitive?: true;
  readonly nullable?: true;
  /** Members of a list's entries that are secrets. */
  readonly secretMembers?: readonly string[];
  /** A key of Elastic's file that does nothing here, and why: it is accepted with a warning. */
  readonly unused?: string;
  /** Another name of this key, from Elastic's file. */
  readonly alias?: string;
}

/** Keys by subject. */
export interface Section {
  readonly [name: string]: Section | Leaf;
}

type Value<L> = L extends { readonly format: Format<infer T> }
  ? L extends { readonly nullable: true }
    ? T | null
    : T
  : never;

type Settings<S> = {
  readonly [K in keyof S as S[K] extends { unused: string } | { alias: string } ? never : K]: S[K] extends Leaf
    ? Value<S[K]>
    : Settings<S[K]>;
};

/**
 * The configuration, with the names of the file: `config.box.client_id`. Bytes are numbers, times are in the unit that
 * the key's doc says. Keys without effect and other names of a key are not in it, and the deprecated single connector
 * has become an entry of `connectors`.
 */
export type Config = Omit<Settings<typeof schema>, 'connector_id' | 'service_type'>;

const mebibyte = 1024 * 1024;

/**
 * Every key that the file may have: Elastic's `config.yml`, and ours. `config/reference.md` is generated from it.
 *
 * Environment variables are the key in capitals with `_` for `.`: `ELASTICSEARCH_HOST`.
 */
export const schema = {
  connectors: {
    doc: 'The connectors to run as a service that Kibana steers. `api_key` is used for the content index, and for the connector itself where no other sign-in to Elasticsearch is given.',
    format: connectorEntries(),
    default: [],
    env: 'CONNECTORS',
    sensitive: true,
    secretMembers: ['api_key'],
  },
  connector_id: {
    doc: 'Deprecated: a single connector. Use `connectors`.',
    format: text('the id that Kibana shows for the connector'),
    default: null,
    nullable: true,
    env: 'CONNECTOR_ID',
  },
  service_type: {
    doc: 'Deprecated: the type of the single connector. Use `connectors`.',
    format: text('text: box'),
    default: null,
    nullable: true,
    env: 'SERVICE_TYPE',
  },
  index: {
    doc: 'The index to write, for one-shot runs with a `box` section. As a service, each connector names its own.',
    format: textLike(
      /^(?![-_+])(?!\.{1,2}$)[^A-Z\\/*?"<>|\s,#:]{1,255}$/,
      'the name of an index: lower case, without spaces and \\ / * ? " < > | , # :',
    ),
    default: null,
    nullable: true,
    env: 'INDEX',
  },
  sink: {
    doc: 'Where documents go: Elasticsearch, an embedded index for trying things out, or a file in the format of `_bulk`.',
    format: oneOf('elasticsearch', 'local_index', 'bulk_file'),
    default: 'elasticsearch',
    env: 'SINK',
  },
  sync_rules: {
    doc: 'Basic sync rules for one-shot runs: a list of { id, order, policy, field, rule, value }. As a service, they come from the connector.',
    format: uncheckedList('a list of { id, order, policy, field, rule, value }'),
    default: [],
    env: 'SYNC_RULES',
  },

  elasticsearch: {
    host: {
      doc: 'Address of Elasticsearch.',
      format: httpUrl(),
      default: 'http://localhost:9200',
      env: 'ELASTICSEARCH_HOST',
    },
    api_key: {
      doc: 'API key, in the encoded form that Kibana shows. It wins over `username` and `password`.',
      format: headerText('an encoded API key: letters, digits and signs'),
      default: null,
      nullable: true,
      sensitive: true,
      env: 'ELASTICSEARCH_API_KEY',
    },
    username: {
      doc: 'User name, where no API key is given.',
      format: text(),
      default: 'elastic',
      env: 'ELASTICSEARCH_USERNAME',
    },
    password: {
      doc: 'Password of that user. The default serves for a test cluster on this machine only.',
      // It is never sent as it is.
      format: text('text', { lines: true }),
      default: 'changeme',
      sensitive: true,
      env: 'ELASTICSEARCH_PASSWORD',
    },
    verify_certs: {
      doc: 'Whether the certificate of Elasticsearch is checked. Only for a test cluster may it be false.',
      format: flag(),
      default: true,
      env: 'ELASTICSEARCH_VERIFY_CERTS',
    },
    ca_certs: {
      doc: 'Path of a PEM file with the authorities that sign the certificate, beside those that Node knows.',
      format: text('a path'),
      default: null,
      nullable: true,
      env: 'ELASTICSEARCH_CA_CERTS',
    },
    headers: {
      doc: 'Further headers for each request to Elasticsearch.',
      format: headers(),
      default: {},
      sensitive: true,
      env: 'ELASTICSEARCH_HEADERS',
    },
    request_timeout: {
      doc: 'Seconds until a request to Elasticsearch, with its whole answer, is given up.',
      format: seconds({ min: 0.1 }),
      default: 240,
      env: 'ELASTICSEARCH_REQUEST_TIMEOUT',
    },
    retry_on_timeout: {
      doc: 'Whether a request that timed out is sent again; if not, it ends the run.',
      format: flag(),
      default: true,
      env: 'ELASTICSEARCH_RETRY_ON_TIMEOUT',
    },
    max_retries: {
      doc: 'How often a request to Elasticsearch that fails for the moment (429, 5xx, cut, timed out), or an item of a bulk request, is sent again. `check`, the `connector` commands and the service, which looks again by itself, stop after 3 and 5 seconds.',
      format: wholeNumber({ min: 0, max: 100 }),
      default: 5,
      env: 'ELASTICSEARCH_MAX_RETRIES',
    },
    retry_interval: {
      doc: 'Seconds before the first such retry, at most; the bound doubles with each further one, up to 30, and chance picks below it. A `Retry-After` wins.',
      format: seconds(),
      default: 10,
      env: 'ELASTICSEARCH_RETRY_INTERVAL',
    },
    max_wait_duration: {
      doc: 'Seconds that a run and the service wait at their start for an Elasticsearch that does not answer yet.',
      format: seconds(),
      default: 240,
      env: 'ELASTICSEARCH_MAX_WAIT_DURATION',
    },
    initial_backoff_duration: {
      doc: 'Seconds between the first two tries of that wait.',
      format: seconds(),
      default: 1,
      env: 'ELASTICSEARCH_INITIAL_BACKOFF_DURATION',
    },
    backoff_multiplier: {
      doc: 'By how much each pause of that wait is longer than the one before, up to 30 seconds.',
      format: anyNumber({ min: 1, max: 100 }),
      default: 2,
      env: 'ELASTICSEARCH_BACKOFF_MULTIPLIER',
    },
    feature_use_connectors_api: {
      doc: 'Whether the cluster is asked for the Connector API, and that used for what it offers if it is there and the key may; false: only the connector indices themselves.',
      format: flag(),
      default: true,
      env: 'ELASTICSEARCH_FEATURE_USE_CONNECTORS_API',
    },
    allow_version_mismatch: {
      doc: 'Start although the version of Elasticsearch is not one that this connector is made for.',
      format: flag(),
      default: false,
      // The name that Elastic's service reads.
      env: 'ALLOW_ES_VERSION_MISMATCH',
    },
    ssl: unused('the scheme of `elasticsearch.host` says whether TLS is used'),
    log_level: unused('`log.level` is for the whole process'),
    bulk: {
      error_monitor: {
        enabled: {
          doc: 'Whether a run ends as failed when Elasticsearch refuses too many documents. Refusals are counted in any case.',
          format: flag(),
          default: true,
          env: 'ELASTICSEARCH_BULK_ERROR_MONITOR_ENABLED',
        },
        max_total_errors: {
          doc: 'Refused documents of one run, above which it fails.',
          format: wholeNumber({ min: 0 }),
          default: 1000,
          env: 'ELASTICSEARCH_BULK_ERROR_MONITOR_MAX_TOTAL_ERRORS',
        },
        max_consecutive_errors: {
          doc: 'Refused documents one after the other, above which the run fails.',
          format: wholeNumber({ min: 0 }),
          default: 10,
          env: 'ELASTICSEARCH_BULK_ERROR_MONITOR_MAX_CONSECUTIVE_ERRORS',
        },
        max_error_rate: {
          doc: 'Share of refused documents among the last ones, above which the run fails.',
          format: anyNumber({ min: 0, max: 1 }),
          default: 0.15,
          env: 'ELASTICSEARCH_BULK_ERROR_MONITOR_MAX_ERROR_RATE',
        },
        error_window_size: {
          doc: 'How many documents "the last ones" are.',
          format: wholeNumber({ min: 1, max: 100_000 }),
          default: 100,
          env: 'ELASTICSEARCH_BULK_ERROR_MONITOR_ERROR_WINDOW_SIZE',
        },
        error_queue_size: unused('every refused document is kept in the dead letters'),
      },
      queue_max_size: unused('`pipeline_limits.rows` bounds what is listed and not yet written'),
      queue_max_mem_size: unused('`pipeline_limits.bytes` bounds the content in memory'),
      queue_refresh_interval: unused('nothing polls a queue'),
      queue_refresh_timeout: {
        doc: 'Seconds that a busy or unreachable Elasticsearch is waited for in the middle of a run; then the run fails, and the next one resumes it.',
        format: seconds(),
        default: 1300,
        env: 'ELASTICSEARCH_BULK_QUEUE_REFRESH_TIMEOUT',
      },
      display_every: unused('progress is reported by time'),
      chunk_size: unused('`bulk.max_items` takes its place; it counts documents, not lines'),
      chunk_max_mem_size: unused('`bulk.max_bytes` takes its place'),
      max_text_document_size: unused('what Elasticsearch refuses as too large is written without its text'),
      max_concurrency: unused('`bulk.concurrency` takes its place'),
      concurrent_downloads: unused('`box.concurrent_downloads` takes its place'),
      max_retries: unused('`elasticsearch.max_retries` takes its place'),
      retry_interval: unused('`elasticsearch.retry_interval` takes its place'),
      enable_operations_logging: unused('refused documents are kept in the dead letters, with the reason'),
    },
  },

  box: {
    is_enterprise: {
      doc: 'The kind of account: `box_free` signs in as one person (OAuth), `box_enterprise` as an application.',
      format: oneOf('box_free', 'box_enterprise'),
      default: 'box_free',
      env: 'BOX_IS_ENTERPRISE',
    },
    client_id: {
      doc: 'Client ID of the Box application.',
      format: text(),
      default: null,
      nullable: true,
      env: 'BOX_CLIENT_ID',
    },
    client_secret: {
      doc: 'Client secret of the Box application.',
      format: text(),
      default: null,
      nullable: true,
      sensitive: true,
      env: 'BOX_CLIENT_SECRET',
    },
    refresh_token: {
      doc: '`box_free`: the refresh token to start with. Not needed after `login`, which stores one; the newest stored one is used until this changes.',
      format: text(),
      default: null,
      nullable: true,
      sensitive: true,
      env: 'BOX_REFRESH_TOKEN',
    },
    enterprise_id: {
      doc: '`box_enterprise`: the id of the enterprise, for client credentials.',
      format: boxId(),
      default: null,
      nullable: true,
      env: 'BOX_ENTERPRISE_ID',
    },
    user_id: {
      doc: '`box_enterprise`: sign in as this one user and walk that account only, instead of the enterprise.',
      format: boxId(),
      default: null,
      nullable: true,
      env: 'BOX_USER_ID',
    },
    jwt_config: {
      doc: "`box_enterprise`: the developer console's `config.json`, as a rule by its path in `jwt_config_file`: signs in by JWT, in place of `client_id`, `client_secret` and `enterprise_id`.",
      format: text("the developer console's config.json", { lines: true }),
      default: null,
      nullable: true,
      sensitive: true,
      env: 'BOX_JWT_CONFIG',
    },
    base_url: {
      doc: 'Address of the Box API; every call goes there, those for tokens too.',
      format: httpUrl({ bare: true }),
      default: 'https://api.box.com',
      env: 'BOX_BASE_URL',
    },
    authorize_url: {
      doc: 'The page of Box on which `login` asks for consent.',
      format: httpUrl(),
      default: 'https://account.box.com/api/oauth2/authorize',
      env: 'BOX_AUTHORIZE_URL',
    },
    folders: {
      doc: 'Ids of the folders to walk; empty: everything from the roots. What is elsewhere leaves the index.',
      format: boxIds(),
      default: [],
      env: 'BOX_FOLDERS',
    },
    users: {
      include: {
        doc: '`box_enterprise`: logins or ids of the users whose accounts are walked; empty: all active users.',
        format: texts(),
        default: [],
        env: 'BOX_USERS_INCLUDE',
      },
      exclude: {
        doc: '`box_enterprise`: logins or ids of the users whose accounts are not walked.',
        format: texts(),
        default: [],
        env: 'BOX_USERS_EXCLUDE',
      },
    },
    listing: {
      concurrency: {
        doc: 'Folders that are listed at once.',
        format: wholeNumber({ min: 1, max: 64 }),
        default: 8,
        env: 'BOX_LISTING_CONCURRENCY',
      },
    },
    concurrent_downloads: {
      doc: 'Files that are downloaded at once.',
      format: wholeNumber({ min: 1, max: 64 }),
      default: 15,
      env: 'BOX_CONCURRENT_DOWNLOADS',
    },
    calls_per_minute: {
      doc: 'Calls to Box in a minute, for each user acted for; 0: no limit.',
      format: wholeNumber({ min: 0 }),
      default: 1000,
      env: 'BOX_CALLS_PER_MINUTE',
    },
    calls_per_minute_total: {
      doc: 'Calls to Box in a minute, for all users together; 0: no limit.',
      format: wholeNumber({ min: 0 }),
      default: 0,
      env: 'BOX_CALLS_PER_MINUTE_TOTAL',
    },
    max_calls: {
      doc: 'Calls to Box in one run; the next run resumes it, however long that one rests. 0: no limit.',
      format: wholeNumber({ min: 0 }),
      default: 0,
      env: 'BOX_MAX_CALLS',
    },
  },

  extraction: {
    method: {
      doc: "How text is taken from files: by the ingest pipeline of Elasticsearch, by Elastic's data extraction service, by an Apache Tika server, or not at all. As a service, a connector may say otherwise.",
      format: oneOf('ingest_attachment', 'extraction_service', 'tika', 'none'),
      default: 'ingest_attachment',
      env: 'EXTRACTION_METHOD',
    },
    max_tries: {
      doc: 'Runs in which the text of a file is tried in vain, while that of others is had, or is refused by Elasticsearch, until that version of the file is done with, without text; `retry-texts` has it tried again.',
      format: wholeNumber({ min: 1, max: 1000 }),
      default: 3,
      env: 'EXTRACTION_MAX_TRIES',
    },
  },
  pipeline: {
    name: {
      doc: 'Ingest pipeline that whole documents go through, whatever `extraction.method` is; `_none`: none. As a service, the connector names it.',
      format: text('the name of an ingest pipeline'),
      default: 'search-default-ingestion',
      env: 'PIPELINE_NAME',
    },
    extract_binary_content: {
      doc: 'Have the pipeline take the text from the content (`_extract_binary_content`).',
      format: flag(),
      default: true,
      env: 'PIPELINE_EXTRACT_BINARY_CONTENT',
    },
    reduce_whitespace: {
      doc: 'Have the pipeline reduce white space in the text (`_reduce_whitespace`).',
      format: flag(),
      default: true,
      env: 'PIPELINE_REDUCE_WHITESPACE',
    },
    run_ml_inference: {
      doc: 'Have the pipeline run its inference processors (`_run_ml_inference`).',
      format: flag(),
      default: true,
      env: 'PIPELINE_RUN_ML_INFERENCE',
    },
  },
  extraction_service: {
    host: {
      doc: "Address of Elastic's data extraction service.",
      format: httpUrl(),
      default: null,
      nullable: true,
      env: 'EXTRACTION_SERVICE_HOST',
    },
    timeout: {
      doc: 'Seconds until a request to it is given up.',
      format: seconds({ min: 0.1 }),
      default: 30,
      env: 'EXTRACTION_SERVICE_TIMEOUT',
    },
    use_file_pointers: {
      doc: 'Hand files over by their path in a folder that both see, instead of sending them.',
      format: flag(),
      default: false,
      env: 'EXTRACTION_SERVICE_USE_FILE_POINTERS',
    },
    stream_chunk_size: unused('a file is sent in the pieces in which it arrived'),
    shared_volume_dir: {
      doc: 'The folder that both see, with `use_file_pointers`.',
      format: text('a path'),
      default: '/app/files',
      env: 'EXTRACTION_SERVICE_SHARED_VOLUME_DIR',
    },
  },
  tika: {
    url: {
      doc: 'Address of the Apache Tika server.',
      format: httpUrl(),
      default: 'http://127.0.0.1:9998',
      env: 'TIKA_URL',
    },
    timeout: {
      doc: 'Seconds until a request to it is given up.',
      format: seconds({ min: 0.1 }),
      default: 60,
      env: 'TIKA_TIMEOUT',
    },
  },

  state: {
    path: {
      doc: 'Folder of the state files: catalogue, progress, tokens. Keep it between runs; its files are readable by their owner only.',
      format: text('a path'),
      default: './data',
      env: 'STATE_PATH',
    },
  },
  deletes: {
    max_share: {
      doc: 'Share of the documents (and more than 100 of them) above which a run holds deletes back; what Box has in the trash does not count; 1: never.',
      format: anyNumber({ min: 0, max: 1 }),
      default: 0.2,
      env: 'DELETES_MAX_SHARE',
    },
    proof_calls: {
      doc: 'Calls to Box in one run that may be spent on asking other users for an item that is gone for its owner.',
      format: wholeNumber({ min: 0 }),
      default: 100,
      env: 'DELETES_PROOF_CALLS',
    },
    undecided_after: {
      doc: 'Seconds after which a document goes whose item Box still does not find, though not everybody could be asked, or something could not be read.',
      format: seconds(),
      default: 72_000,
      env: 'DELETES_UNDECIDED_AFTER',
    },
    unknown_documents: {
      doc: 'Also delete documents of the index that are of nothing in Box, whoever wrote them; full runs do so.',
      format: flag(),
      default: false,
      env: 'DELETES_UNKNOWN_DOCUMENTS',
    },
  },
  pipeline_limits: {
    rows: {
      doc: 'Entries that are listed and not yet settled, at most. At least `bulk.max_items`; below (`bulk.concurrency` + 1) times that, bulk requests wait for one another.',
      format: wholeNumber({ min: 1, max: 10_000_000 }),
      default: 5_000,
      env: 'PIPELINE_LIMITS_ROWS',
    },
    bytes: {
      doc: 'Content in memory, at most: bytes of files, answers of extractors, texts of documents on their way. What is larger than this goes alone.',
      format: byteSize({ min: 1024 }),
      default: 32 * mebibyte,
      env: 'PIPELINE_LIMITS_BYTES',
    },
    listing_bytes: {
      doc: 'Listings in memory, at most: a half for the answers that are read, a half for what was listed and is not yet settled (fields, path, tags). One answer, or one item, that is larger goes alone.',
      format: byteSize({ min: 1024 }),
      default: 24 * mebibyte,
      env: 'PIPELINE_LIMITS_LISTING_BYTES',
    },
  },
  run: {
    stall_after: {
      doc: 'Seconds without anything settled, any byte, and any wait that has an end, after which a run has come to a standstill: it fails, says what it holds where, and the next one goes on. Never less than `elasticsearch.request_timeout` and 30 s.',
      format: seconds({ min: 1 }),
      default: 300,
      env: 'RUN_STALL_AFTER',
    },
    resume_within: {
      doc: 'Seconds that a run may have rested, all its pauses together, to be gone on with. One that rested longer looks at everything anew, at what it has not listed yet first. A rest after `box.max_calls` does not count.',
      format: seconds(),
      default: 3_600,
      env: 'RUN_RESUME_WITHIN',
    },
  },
  bulk: {
    max_items: {
      doc: 'Documents in one bulk request, at most.',
      format: wholeNumber({ min: 1, max: 10_000 }),
      default: 1000,
      env: 'BULK_MAX_ITEMS',
    },
    max_bytes: {
      doc: 'Size of one bulk request, at most; a larger document goes alone. Elasticsearch itself takes 100mb unless it is configured otherwise.',
      format: byteSize({ min: 1024, max: 100 * mebibyte }),
      default: 5 * mebibyte,
      env: 'BULK_MAX_BYTES',
    },
    max_wait_ms: {
      doc: 'Milliseconds that a document waits for others, at most.',
      format: wholeNumber({ min: 0, max: 60_000 }),
      default: 500,
      env: 'BULK_MAX_WAIT_MS',
    },
    concurrency: {
      doc: 'Bulk requests at once, at most; fewer while Elasticsearch is busy.',
      format: wholeNumber({ min: 1, max: 64 }),
      default: 4,
      env: 'BULK_CONCURRENCY',
    },
  },
  retry: {
    max_attempts: {
      doc: 'Tries of one call to Box, the first included.',
      format: wholeNumber({ min: 1, max: 100 }),
      default: 5,
      env: 'RETRY_MAX_ATTEMPTS',
    },
    max_elapsed: {
      doc: 'Seconds after the first try in which the last may start. A longer `Retry-After` of Box ends the call at once.',
      format: seconds(),
      default: 120,
      env: 'RETRY_MAX_ELAPSED',
    },
    base_delay: {
      doc: 'Seconds: the longest pause before the second try; it doubles with each further one, and chance picks below it.',
      format: seconds(),
      default: 1,
      env: 'RETRY_BASE_DELAY',
    },
    stall_timeout: {
      doc: 'Seconds in which an answer must bring at least 1 kB; otherwise it has stalled and is asked for again.',
      format: seconds({ min: 0.01 }),
      default: 60,
      env: 'RETRY_STALL_TIMEOUT',
    },
  },
  local_index: {
    path: {
      doc: 'File of the embedded index (`sink: local_index`, and the command `search`).',
      format: text('a path'),
      default: './data/index.sqlite',
      env: 'LOCAL_INDEX_PATH',
    },
  },
  bulk_file: {
    path: {
      doc: 'File that `sink: bulk_file` writes.',
      format: text('a path'),
      default: './data/bulk.ndjson',
      env: 'BULK_FILE_PATH',
    },
  },
  log: {
    level: {
      doc: 'What is logged: this and everything more severe. `service.log_level` is another name of it.',
      format: logLevel(),
      default: 'info',
      env: 'LOG_LEVEL',
    },
  },

  service: {
    worker_mode: {
      doc: 'Run all connectors of `service.service_types`, not only those under `connectors`.',
      format: flag(),
      default: false,
      env: 'SERVICE_WORKER_MODE',
    },
    service_types: {
      doc: 'Types of the connectors to run in worker mode; this service runs `box`.',
      format: texts(),
      default: [],
      env: 'SERVICE_SERVICE_TYPES',
    },
    idling: {
      doc: 'Seconds between two looks at connectors and jobs.',
      format: seconds({ min: 0.01 }),
      default: 30,
      env: 'SERVICE_IDLING',
    },
    heartbeat: {
      doc: 'Seconds between two signs of life of a connector.',
      format: seconds({ min: 0.01 }),
      default: 300,
      env: 'SERVICE_HEARTBEAT',
    },
    preflight_max_attempts: {
      doc: 'Tries to prepare the connector indices at the start.',
      format: wholeNumber({ min: 1 }),
      default: 10,
      env: 'SERVICE_PREFLIGHT_MAX_ATTEMPTS',
    },
    preflight_idle: {
      doc: 'Seconds: the longest pause between two of these tries; the first pauses are shorter.',
      format: seconds(),
      default: 30,
      env: 'SERVICE_PREFLIGHT_IDLE',
    },
    max_errors: {
      doc: 'Errors of the service itself, above which it stops.',
      format: wholeNumber({ min: 0 }),
      default: 20,
      env: 'SERVICE_MAX_ERRORS',
    },
    max_errors_span: {
      doc: 'Seconds after which those errors are forgotten.',
      format: seconds(),
      default: 600,
      env: 'SERVICE_MAX_ERRORS_SPAN',
    },
    max_concurrent_content_syncs: {
      doc: 'Syncs that run at once.',
      format: wholeNumber({ min: 1, max: 1000 }),
      default: 1,
      env: 'SERVICE_MAX_CONCURRENT_CONTENT_SYNCS',
    },
    max_file_download_size: {
      doc: 'Size of a file, up to which its text is taken; also for one-shot runs.',
      format: byteSize({ min: 0 }),
      default: 10 * mebibyte,
      env: 'SERVICE_MAX_FILE_DOWNLOAD_SIZE',
    },
    job_cleanup_interval: {
      doc: 'Seconds between two looks for jobs that nobody works on any more.',
      format: seconds({ min: 0.01 }),
      default: 300,
      env: 'SERVICE_JOB_CLEANUP_INTERVAL',
    },
    drain_timeout: {
      doc: 'Seconds that a stop (SIGTERM, Ctrl-C) waits for what is under way to be written, of `sync` as well as of the service; then it is given up, and done again by the next run.',
      format: seconds(),
      default: 25,
      env: 'SERVICE_DRAIN_TIMEOUT',
    },
    http: {
      host: {
        doc: 'Address on which health and metrics are served. Whoever reaches it may read them.',
        format: text('an address or host name'),
        default: '127.0.0.1',
        env: 'SERVICE_HTTP_HOST',
      },
      port: {
        doc: 'Port of health and metrics, for example 9464, of the service and of a single `sync`; without one they are off. 0: any free port.',
        format: wholeNumber({ min: 0, max: 65_535 }),
        default: null,
        nullable: true,
        env: 'SERVICE_HTTP_PORT',
      },
    },
    log_level: {
      doc: "Elastic's name of `log.level`.",
      format: logLevel(),
      default: null,
      nullable: true,
      env: 'SERVICE_LOG_LEVEL',
      alias: 'log.level',
    },
    max_concurrent_syncs: {
      doc: 'An older name of `service.max_concurrent_content_syncs`.',
      format: wholeNumber({ min: 1, max: 1000 }),
      default: null,
      nullable: true,
      env: 'SERVICE_MAX_CONCURRENT_SYNCS',
      alias: 'service.max_concurrent_content_syncs',
    },
    max_concurrent_access_control_syncs: unused('there are no access control syncs'),
    max_concurrent_scheduling_tasks: unused('each connector has its own timetable'),
    incremental_sync_interval_seconds: unused('incremental syncs compare with what was written, not with a time'),
    fips_mode: unused('FIPS mode is switched on in Node itself: `node --enable-fips`'),
    telemetry: unused('nothing is sent to anybody'),
  },
  sources: unused('the only source is Box'),
} as const satisfies Section;

/** A key of Elastic's file that does nothing here; `why` is the warning's text. */
function unused(why: string) {
  return { doc: `No effect: ${why}.`, format: ignored(), default: null, nullable: true, unused: why } as const;
}
