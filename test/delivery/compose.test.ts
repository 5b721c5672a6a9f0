import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { environmentNames, imageFacts, loadAsService, readDelivered, variablesIn } from '../support/delivered.js';
import { elasticsearchVersion } from '../support/elasticsearch-installation.js';
import { suite } from '../support/suite.js';
import { tikaVersion } from '../support/tika.js';

interface Service {
  readonly image: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly command?: readonly string[];
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly stop_grace_period?: string;
  readonly network_mode?: string;
  readonly mem_limit?: string;
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

suite('compose.yaml', (test) => {
  const text = readDelivered('compose.yaml');
  const { services, volumes } = parse(text) as Compose;
  const service = (name: string): Service => {
    const found = services[name];
    if (found === undefined) throw new Error(`Cannot find the service "${name}"`);
    return found;
  };
  const connector = service('connector');
  const [configMount = ''] = connector.volumes ?? [];
  const [configFile = '', configTarget] = configMount.split(':');
  const config = readDelivered(configFile);
  const load = () => loadAsService(config, { env: { CONNECTOR_API_KEY: 'a-key', KIBANA_CONNECTOR_ID: 'an-id' } });

  test('has exact versions, those that the tests run with', () => {
    const elastic = 'docker.elastic.co';
    assert.is(service('elasticsearch').image, `${elastic}/elasticsearch/elasticsearch:${elasticsearchVersion}`);
    assert.is(service('kibana-password').image, service('elasticsearch').image);
    assert.is(service('kibana').image, `${elastic}/kibana/kibana:${elasticsearchVersion}`);
    // Images of Tika have a number of their own behind its version, and come later.
    const [major, minor] = tikaVersion.split('.');
    assert.match(service('tika').image, new RegExp(String.raw`^apache/tika:${major}\.${minor}\.\d+\.\d+$`));
  });

  test('gives the connector a configuration that loads as that of the service', () => {
    assert.is(configTarget, imageFacts().configPath);
    const loaded = load();
    assert.equal(loaded.warnings, []);
    assert.equal(loaded.config.connectors, [{ connector_id: 'an-id', service_type: 'box', api_key: null }]);
    assert.is(loaded.config.elasticsearch.api_key, 'a-key');
  });

  test('gives it the variables that it asks for, and others only that the program knows', () => {
    const asked = variablesIn(config);
    const given = Object.keys(connector.environment ?? {});
    assert.ok(asked.length > 0);
    assert.equal(
      asked.filter((name) => !given.includes(name)),
      [],
    );
    const known = environmentNames();
    assert.equal(
      given.filter((name) => !asked.includes(name) && !known.has(name)),
      [],
    );
  });

  test('a variable of the file that the program knows by itself would override the file', () => {
    const known = environmentNames();
    assert.equal(
      variablesIn(config).filter((name) => known.has(name)),
      [],
    );
  });

  test('asks for what the example of .env has', () => {
    const example = [...readDelivered('deploy/compose/example.env').matchAll(/^(\w+)=/gm)].map(
      ([, name]) => name ?? '',
    );
    // Twice the dollar: for a shell in the container.
    assert.equal([...variablesIn(text.replaceAll(/\$\$\{\w+\}/g, ''))].sort(), example.sort());
  });

  test('the addresses in the configuration are those of services', () => {
    const loaded = load();
    for (const [address, port] of [
      [loaded.config.elasticsearch.host, '9200'],
      [loaded.config.tika.url, '9998'],
    ] as const) {
      const url = new URL(address);
      assert.is(url.port, port);
      assert.is(connector.depends_on?.[url.hostname]?.condition, 'service_healthy', address);
      assert.match(JSON.stringify(service(url.hostname).healthcheck), port);
    }
  });

  test('shows nothing to other machines, and the endpoint of the connector to this one', () => {
    const { host, port } = load().config.service.http;
    assert.equal([host, port], ['0.0.0.0', 9_464], 'inside the container');
    assert.ok(connector.ports?.includes(`127.0.0.1:${port}:${port}`));
    for (const [name, { ports = [] }] of Object.entries(services)) {
      assert.equal(
        ports.filter((one) => !one.startsWith('127.0.0.1:')),
        [],
        name,
      );
    }
  });

  test('keeps the state in a volume, and gives a stop the time that it may take', () => {
    const [volume = '', target] = connector.volumes?.[1]?.split(':') ?? [];
    assert.ok(volume in volumes, volume);
    assert.equal([target], imageFacts().volumes);
    assert.ok(Number.parseInt(connector.stop_grace_period ?? '', 10) > load().config.service.drain_timeout);
  });

  test('takes from the containers what they do not need', () => {
    for (const name of ['connector', 'simulator', 'tika']) {
      const { read_only, cap_drop, security_opt } = service(name);
      assert.equal([read_only, cap_drop, security_opt], [true, ['ALL'], ['no-new-privileges:true']], name);
    }
  });

  test('the simulator is where the comment says that BOX_BASE_URL has to lead', () => {
    const { command = [], network_mode } = service('simulator');
    assert.is(network_mode, 'service:connector', 'it listens on loopback only');
    const port = command[command.indexOf('--port') + 1] ?? '';
    assert.match(text, `BOX_BASE_URL=http://127.0.0.1:${port} `);
    assert.match(readDelivered('deploy/compose/example.env'), `http://127.0.0.1:${port}`);
  });
});
