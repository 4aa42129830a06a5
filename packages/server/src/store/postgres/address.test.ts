import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readAddress } from './address.ts';

describe('the address of a PostgreSQL', () => {
  it('is read whole, with what is written in percent', () => {
    const { ssl, ...address } = readAddress('postgresql://ad%40a:p%2Fw%3A@[::1]:6543/db%20one?application_name=ours');
    assert.equal(ssl, false);
    assert.deepEqual(address, {
      host: '::1',
      port: 6543,
      user: 'ad@a',
      password: 'p/w:',
      database: 'db one',
      applicationName: 'ours',
      options: '',
    });
    assert.equal(readAddress('postgres:///app?host=/run/postgresql').host, '/run/postgresql');
  });

  it('leaves to the environment what it does not say', () => {
    assert.deepEqual(Object.keys(readAddress('postgres://db.example/app')).sort(), [
      'applicationName',
      'database',
      'host',
      'options',
      'ssl',
    ]);
  });

  it('means by sslmode what it says, and refuses modes that settle for less in silence', () => {
    const tls = (query: string) => readAddress(`postgres://db/app${query}`).ssl;
    assert.equal(tls('?sslmode=disable'), false);
    assert.deepEqual(tls('?sslmode=require'), { rejectUnauthorized: false });
    assert.deepEqual(tls('?sslmode=verify-full'), {});
    for (const mode of ['prefer', 'allow', 'yes']) assert.throws(() => tls(`?sslmode=${mode}`), /sslmode must be/);
    assert.throws(() => tls('?sslrootcert=/nowhere/ca.pem'), /sslrootcert names, \/nowhere\/ca.pem, cannot be read/);
  });

  it('is refused in words, without its password', () => {
    const broken = [
      'postgres://ada:sesame@',
      'postgres://ada:sesame%@db/app',
      'mysql://ada:sesame@db/app',
      'postgres://ada:sesame@db',
      'postgres://ada:sesame@db/a/b',
    ];
    for (const text of [...broken, 'postgres://ada:sesame@db/app?color=green']) {
      assert.throws(
        () => readAddress(text),
        (error: unknown) => error instanceof Error && !error.message.includes('sesame') && error.cause === undefined,
      );
    }
  });
});
