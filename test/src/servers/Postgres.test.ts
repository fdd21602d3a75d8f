import { Client } from 'pg';
import { findPostgres, PostgresServer } from './Postgres';

jest.setTimeout(60_000);

const installation = findPostgres();
if (!installation) {
  console.warn('Skipped: PostgreSQL is not installed');
}

const describeInstalled = installation ? describe : describe.skip;

describeInstalled('PostgresServer', () => {
  it('keeps its data over a crash and is gone after stop', async () => {
    const server = await PostgresServer.start(installation);
    try {
      expect(server.majorVersion).toBeGreaterThanOrEqual(11);
      await query(server, 'CREATE TABLE fruit AS SELECT 7 AS apples');

      await server.restart('immediate');

      await expect(query(server, 'SELECT apples FROM fruit')).resolves.toEqual([
        { apples: 7 },
      ]);
    } finally {
      await server.stop();
    }
    await expect(query(server, 'SELECT 1')).rejects.toThrow('ECONNREFUSED');
    await server.stop();
  });
});

async function query(server: PostgresServer, text: string) {
  const client = new Client({ connectionString: server.connectionString });
  try {
    await client.connect();
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}
