import assert from 'node:assert';
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

/**
 * The requests of a scan of each image, with as little as Node.js needs for
 * them: no checks, no choice, no database. What a single process can reach.
 *
 * @returns scans per second
 */
export async function scanBarely(options: {
  hosts: readonly string[];
  repositories: readonly string[];
  tag: string;
  /** Requests at the same time to each host. */
  concurrency: number;
}): Promise<number> {
  const { hosts, repositories, tag, concurrency } = options;
  const agent = new Agent({ keepAlive: true });
  const started = performance.now();
  const work = async (host: string, waiting: string[]) => {
    for (let name = waiting.pop(); name; name = waiting.pop()) {
      const base = `http://${host}/v2/${name}`;
      const list = await send(agent, 'GET', `${base}/tags/list?n=1000`);
      const { tags }: { tags: string[] } = JSON.parse(list);
      assert.ok(tags.includes(tag));
      await send(agent, 'HEAD', `${base}/manifests/${tag}`);
    }
  };
  try {
    await Promise.all(
      hosts.flatMap(host => {
        const waiting = [...repositories];
        return Array.from({ length: concurrency }, () => work(host, waiting));
      }),
    );
  } finally {
    agent.destroy();
  }
  const seconds = (performance.now() - started) / 1_000;
  return (hosts.length * repositories.length) / seconds;
}

async function send(agent: Agent, method: string, url: string) {
  const accept = 'application/vnd.oci.image.manifest.v1+json';
  const sent = request(url, { method, agent, headers: { accept } });
  sent.end();
  const [response]: IncomingMessage[] = await once(sent, 'response');
  const body = await text(response);
  assert.strictEqual(response.statusCode, 200);
  return body;
}
