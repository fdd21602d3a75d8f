import { rootCertificates } from 'node:tls';
import { AgentPool } from './AgentPool';

const [ca] = rootCertificates;

describe('AgentPool', () => {
  it('puts the certificates of a host together once', async () => {
    const pool = new AgentPool([
      { host: 'a.corp', ca },
      { host: 'b.corp', ca },
      { host: 'c.corp' },
    ]);
    const contextFor = async (url: string) =>
      (await pool.connectorFor(new URL(url))).secureContext;
    const first = await contextFor('https://a.corp/v2/');
    expect(first).toBeDefined();
    expect(await contextFor('https://a.corp/v2/app')).toBe(first);
    expect(await contextFor('https://b.corp/')).not.toBe(first);
    expect(await contextFor('https://c.corp/')).toBeUndefined();
    expect(await contextFor('https://public.example/')).toBeUndefined();
    pool.close();
  });
});
