import * as assert from 'uvu/assert';
import { exitCodes } from '../../src/app/exit-codes.js';
import { leaves } from '../../src/config/leaves.js';
import { environmentNames, manifest, readDelivered } from '../support/delivered.js';
import { suite } from '../support/suite.js';

suite('deploy/box-connector.service', (test) => {
  const text = readDelivered('deploy/box-connector.service');
  const settings = new Map(
    [...text.matchAll(/^([A-Za-z]+)=(.*)$/gm)].map(([, name, value]) => [name ?? '', value ?? '']),
  );
  const setting = (name: string): string => {
    const found = settings.get(name);
    if (found === undefined) throw new Error(`Cannot find ${name}`);
    return found;
  };

  test('starts the program that the package has, with its configuration', () => {
    const [program = '', option, path] = setting('ExecStart').split(' ');
    const prefix = /--prefix (\S+)/.exec(text)?.[1] ?? 'none';
    const [name = ''] = Object.keys(manifest().bin);
    assert.is(program, `${prefix}/node_modules/.bin/${name}`);
    assert.equal([option, path], ['--config', '/etc/box-connector/config.yml']);
    assert.match(text, `./${manifest().name}-${manifest().version}.tgz`);
  });

  test('hands the key over by a variable that the program knows', () => {
    const [variable = '', path] = setting('Environment').split('=');
    const [credential = ''] = setting('LoadCredential').split(':');
    assert.is(path, `%d/${credential}`);
    assert.ok(environmentNames().has(variable), variable);
    assert.is(variable, `${leaves.get('elasticsearch.api_key')?.env ?? ''}_FILE`);
  });

  test('keeps the state where the default of state.path is', () => {
    assert.is(leaves.get('state.path')?.default, './data');
    assert.is(setting('WorkingDirectory'), `%S/${setting('StateDirectory')}`);
    assert.match(text, `/var/lib/${setting('StateDirectory')}/data`);
  });

  test('does not try again what is wrong for good, and gives a stop the time that it may take', () => {
    assert.is(setting('RestartPreventExitStatus'), String(exitCodes.configuration));
    assert.ok(Number(setting('TimeoutStopSec')) > Number(leaves.get('service.drain_timeout')?.default));
  });

  test('is part of the package, as is what else is in its folder', () => {
    assert.ok(manifest().files.includes('deploy'));
  });
});
