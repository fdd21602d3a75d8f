import { connect } from 'node:net';

/**
 * Checks that nothing listens on these ports of this machine yet.
 *
 * @param ports - port by the name of the part that wants it
 * @throws Error that names the part, the port and how to find who has it
 */
export async function checkPortsAreFree(
  ports: Readonly<Record<string, number>>,
): Promise<void> {
  const taken: string[] = [];
  for (const [part, port] of Object.entries(ports)) {
    if ((await listens('127.0.0.1', port)) || (await listens('::1', port))) {
      taken.push(`port ${port} (for the ${part})`);
    }
  }
  if (taken.length > 0) {
    throw new Error(
      `Something listens already on ${taken.join(' and ')}. ` +
        'Is the demo running in another terminal?',
    );
  }
}

/** Asking is surer than binding: a bind can succeed beside a wildcard listener. */
function listens(host: string, port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ host, port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
