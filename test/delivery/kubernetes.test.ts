import * as assert from 'uvu/assert';
import { parseAllDocuments } from 'yaml';
import { startEndpoint } from '../../src/endpoint/start-endpoint.js';
import { imageFacts, loadAsService, manifest, readDelivered } from '../support/delivered.js';
import { suite } from '../support/suite.js';

type Labels = Readonly<Record<string, string>>;

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

interface Container {
  readonly args: readonly string[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
  readonly securityContext: object;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: true }[];
}

interface ConfigMap {
  readonly metadata: { readonly name: string };
  readonly data: Readonly<Record<string, string>>;
}

interface Service {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly selector: Labels; readonly ports: readonly { readonly targetPort: string }[] };
}

interface StatefulSet {
  readonly metadata: { readonly labels: Labels };
  readonly spec: {
    readonly serviceName: string;
    readonly replicas: number;
    readonly selector: { readonly matchLabels: Labels };
    readonly volumeClaimTemplates: readonly { readonly metadata: { readonly name: string } }[];
    readonly template: {
      readonly metadata: { readonly labels: Labels; readonly annotations: Labels };
      readonly spec: {
        readonly terminationGracePeriodSeconds: number;
        readonly securityContext: Readonly<Record<string, unknown>>;
        readonly containers: readonly Container[];
        readonly volumes: readonly {
          readonly name: string;
          readonly configMap?: { readonly name: string };
          readonly secret?: { readonly secretName: string };
        }[];
      };
    };
  };
}

suite('deploy/kubernetes.yaml', (test) => {
  const text = readDelivered('deploy/kubernetes.yaml');
  const documents = parseAllDocuments(text).map((document) => document.toJS() as { readonly kind: string });
  const of = (kind: string): unknown => {
    const found = documents.find((one) => one.kind === kind);
    if (found === undefined) throw new Error(`Cannot find a ${kind}`);
    return found;
  };
  const { data, metadata: configMap } = of('ConfigMap') as ConfigMap;
  const { metadata, spec } = of('StatefulSet') as StatefulSet;
  const pod = spec.template.spec;
  const [container] = pod.containers;
  if (container === undefined) throw new Error('Cannot find a container');
  const mountOf = (name: string) => container.volumeMounts.find((mount) => mount.name === name);
  const load = () =>
    loadAsService(data['config.yml'] ?? '', { files: { '/secrets/elasticsearch-api-key': 'the-key\n' } });

  test('has a configuration that loads as that of the service, with the key from the secret', () => {
    const { config, warnings } = load();
    assert.equal(warnings, []);
    assert.is(config.elasticsearch.api_key, 'the-key');
    assert.is(config.connectors.length, 1);
  });

  test('the parts find one another', () => {
    const volume = (name: string) => pod.volumes.find((one) => one.name === name);
    assert.is(volume('config')?.configMap?.name, configMap.name);
    const [, secret, key] = /create secret generic (\S+) --from-literal=(\S+)=KEY/.exec(text) ?? [];
    assert.is(volume('secrets')?.secret?.secretName, secret);
    assert.is(`${mountOf('secrets')?.mountPath}/${key ?? ''}`, '/secrets/elasticsearch-api-key');
    assert.is(`${mountOf('config')?.mountPath}/config.yml`, imageFacts().configPath);
    assert.equal([mountOf('state')?.mountPath], imageFacts().volumes);
    assert.equal(
      spec.volumeClaimTemplates.map(({ metadata: { name } }) => name),
      ['state'],
    );
    const service = of('Service') as Service;
    assert.is(spec.serviceName, service.metadata.name);
    const { matchLabels } = spec.selector;
    assert.equal(service.spec.selector, matchLabels);
    for (const [name, value] of Object.entries(matchLabels)) assert.is(spec.template.metadata.labels[name], value);
    assert.is(service.spec.ports[0]?.targetPort, container.ports[0]?.name);
  });

  test('runs the image as it is, once', () => {
    assert.equal(container.args, imageFacts().command);
    assert.is(spec.replicas, 1);
    for (const labels of [metadata.labels, spec.template.metadata.labels]) {
      assert.is(labels['app.kubernetes.io/version'], manifest().version);
    }
  });

  test('probes and Prometheus ask where the service answers', () => {
    const { host, port } = load().config.service.http;
    assert.is(host, '0.0.0.0', 'the kubelet comes from outside the pod');
    assert.equal(container.ports, [{ name: 'http', containerPort: port }]);
    assert.equal(container.livenessProbe.httpGet, { path: '/health/live', port: 'http' });
    assert.equal(container.readinessProbe.httpGet, { path: '/health/ready', port: 'http' });
    const { annotations } = spec.template.metadata;
    assert.is(annotations['prometheus.io/port'], String(port));
    assert.is(annotations['prometheus.io/path'], '/metrics');
  });

  test('the service answers on the paths that are asked', async () => {
    const { signal: stop } = new AbortController();
    const endpoint = await startEndpoint({ version: '0', stop }, { host: '127.0.0.1', port: 0 });
    try {
      endpoint.ready();
      const { livenessProbe, readinessProbe } = container;
      const scraped = spec.template.metadata.annotations['prometheus.io/path'] ?? '';
      for (const path of [livenessProbe.httpGet.path, readinessProbe.httpGet.path, scraped]) {
        assert.is((await fetch(`${endpoint.url}${path}`)).status, 200, path);
      }
    } finally {
      await endpoint.close();
    }
  });

  test('gives a stop the time that it may take', () => {
    assert.ok(pod.terminationGracePeriodSeconds > load().config.service.drain_timeout);
  });

  test('runs as the user of the image, without rights, on a file system that is read-only', () => {
    const [uid, gid] = imageFacts().user.split(':').map(Number);
    const { runAsUser, runAsGroup, fsGroup, runAsNonRoot } = pod.securityContext;
    assert.equal([runAsUser, runAsGroup, fsGroup, runAsNonRoot], [uid, gid, gid, true]);
    assert.equal(container.securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    assert.equal(
      container.volumeMounts.filter(({ readOnly }) => readOnly !== true).map(({ mountPath }) => mountPath),
      ['/data'],
    );
  });
});
