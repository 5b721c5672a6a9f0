import * as assert from 'uvu/assert';
import { startSimulator } from '../../src/simulator/simulator.js';
import { needing } from '../support/real-parts.js';
import { suite } from '../support/suite.js';
import { serveGateway } from './box-gateway.js';
import { ServiceScene, until } from './service-scene.js';

const off = { enabled: false, interval: '0 0 0 * * ?' };
const schedule = { full: { enabled: true, interval: '0/2 * * * * ?' }, incremental: off, access_control: off };

suite(
  'secrets of the connector service',
  (test) => {
    const it = needing(test, 'elasticsearch');

    it('are in no job, no error and no line of the log, whatever goes wrong', async () => {
      const tree = { users: 1, filesInRoot: 2 };
      const of = (name: string) => ({ tree, clientId: `${name}-client`, clientSecret: `s3cr3t-of-the-${name}` });
      const free = await startSimulator({ ...of('free'), account: 'free', refreshToken: 'r3fr3sh-of-the-free' });
      const company = await startSimulator({ ...of('company'), enterpriseId: '77' });
      const echoing = await startSimulator({ ...of('echoing'), enterpriseId: '78' });
      const boxes = [free, company, echoing];
      const gateway = await serveGateway(boxes);
      try {
        await ServiceScene.in({ tree: 'empty' }, async (scene) => {
          const sign = ({ credentials: { clientId, clientSecret, enterpriseId } }: typeof company) => ({
            client_id: clientId,
            client_secret: clientSecret,
            enterprise_id: enterpriseId,
          });
          const config = await company.jwtConfig();
          const app = config.boxAppSettings;
          const withKey = (privateKey: string) => ({
            ...config,
            boxAppSettings: { ...app, appAuth: { ...app.appAuth, privateKey } },
          });
          const jwt = (value: unknown) => ({
            ...sign(company),
            auth_method: 'jwt',
            jwt_config: typeof value === 'string' ? value : JSON.stringify(value),
          });
          const token = (value: string) => ({ ...sign(free), is_enterprise: 'box_free', refresh_token: value });
          const well = [token(free.credentials.refreshToken), sign(company), jwt(config)];
          const wrong = [
            { ...sign(company), client_secret: 's3cr3t-that-is-wrong' },
            token('r3fr3sh-that-is-spent'),
            jwt(JSON.stringify(config).slice(0, -1)),
            jwt({ ...config, enterpriseID: null }),
            jwt(withKey('-----BEGIN ENCRYPTED PRIVATE KEY-----\nbr0k3n\n-----END ENCRYPTED PRIVATE KEY-----')),
            { ...jwt(config), client_secret: 's3cr3t-of-another' },
            sign(echoing),
          ];
          echoing.faults.add({
            match: { route: 'token' },
            answer: {
              kind: 'answer',
              status: 400,
              body: JSON.stringify({
                error: 'invalid_client',
                error_description: `client_secret=${echoing.credentials.clientSecret} is not known`,
              }),
            },
          });
          const keys: string[] = [scene.key.encoded];
          const made: { id: string; well: boolean }[] = [];
          for (const values of [...well, ...wrong]) {
            const isWell = well.includes(values);
            const id = await scene.createConnector({ scheduling: schedule });
            await scene.fillIn(id, values);
            made.push({ id, well: isWell });
          }
          // A key that is good for another index, too.
          const [first] = made;
          assert.ok(first);
          const refused = await scene.createConnector({ scheduling: schedule });
          await scene.fillIn(refused, sign(company));
          keys.push(await scene.ownKey(first.id));
          const entries = made.map(({ id }) => ({ connector_id: id, service_type: 'box' }));
          const host = scene.host({
            connectors: [...entries, { connector_id: refused, service_type: 'box', api_key: keys.at(-1) }],
            box: { base_url: gateway.url },
            service: { idling: 0.2, max_concurrent_content_syncs: 5 },
            log: { level: 'debug' },
          });
          const service = scene.serve(host, [], { BOX_BASE_URL: '' });

          const ids = [...made.map(({ id }) => id), refused];
          const bad = made.filter(({ well: isWell }) => !isWell).map(({ id }) => id);
          for (const id of bad) {
            await scene.connectorIs(id, 'error');
            await scene.jobIs(await scene.createJob(id), 'error');
          }
          for (const id of made.filter(({ well: isWell }) => isWell).map((one) => one.id)) {
            await until(
              'a scheduled sync',
              () => scene.jobsOf(id),
              (jobs) => jobs.some(({ status }) => status === 'completed'),
            );
          }
          await until(
            'a refused sync',
            () => scene.jobsOf(refused),
            (jobs) => jobs.some(({ status }) => status === 'error'),
          );
          const { code, stdout, stderr } = await scene.stop(service);
          assert.is(code, 0);

          const connectors = await Promise.all(ids.map((id) => scene.connector(id)));
          const jobs = (await Promise.all(ids.map((id) => scene.jobsOf(id)))).flat();
          const said = {
            log: stdout + stderr,
            jobs: JSON.stringify(jobs),
            connectors: JSON.stringify(connectors.map((one) => ({ ...one, configuration: null }))),
          };
          assert.ok(said.log.length > 10_000 && jobs.length >= ids.length);
          const secrets = [
            ...gateway.secrets,
            ...keys.flatMap((key) => [key, Buffer.from(key, 'base64').toString().split(':')[1] ?? key]),
            app.appAuth.passphrase,
            ...app.appAuth.privateKey.split('\n').filter((line) => line !== '' && !line.startsWith('-----')),
            ...['s3cr3t', 'r3fr3sh', 'br0k3n'],
          ];
          // Of the free account alone: what it began with, what came after, and two access tokens at least.
          assert.ok(secrets.length > 40 && gateway.secrets.size > 10, `${gateway.secrets.size} from sign-ins`);
          for (const [where, text] of Object.entries(said)) {
            for (const secret of secrets) {
              const at = text.indexOf(secret);
              assert.is(at, -1, `${secret} is in the ${where}: ${text.slice(Math.max(0, at - 300), at + 100)}`);
            }
          }
        });
      } finally {
        await gateway.close();
        for (const box of boxes) await box.close();
      }
    });
  },
  { timeoutMs: 60_000 },
);
