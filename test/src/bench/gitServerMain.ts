/*
 * A git server in a process of its own, so that what it computes counts for
 * neither of the two ways that are timed. The argument is its directory. It ends
 * with its parent.
 */
import { GitServer } from '../servers/GitServer';
import type { GitServerMessage } from './GitServerProcess';

async function main(directory: string): Promise<void> {
  const server = await GitServer.start({ directory });
  const send = (message: GitServerMessage) => process.send?.(message);
  process.on('message', () => {
    send({ requests: server.requests.length });
    server.requests.length = 0;
  });
  process.on('disconnect', async () => {
    await server.stop();
    process.exit();
  });
  send({ host: server.host });
}

main(process.argv[2]).catch(error => {
  console.error(error);
  process.exitCode = 1;
});
