import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { checkPortsAreFree } from './ports';

describe('checkPortsAreFree', () => {
  it('names the part and the port that is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;

    await expect(checkPortsAreFree({ registry: port })).rejects.toThrow(
      `port ${port} (for the registry)`,
    );

    server.close();
    await once(server, 'close');
    await expect(
      checkPortsAreFree({ registry: port }),
    ).resolves.toBeUndefined();
  });
});
