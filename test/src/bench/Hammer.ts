import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from '../servers/findProgram';

const run = promisify(execFile);

const MANIFEST_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];

/** The program that asks as fast as a server can answer. */
export function findWrk(): string | undefined {
  return findProgram('wrk');
}

/**
 * Asks registries for what scans ask for, and does nothing with the answers.
 * Digests are asked for with GET, since wrk waits for the body of a HEAD; the
 * registry does the same for both, and sends a few hundred bytes more.
 */
export class Hammer {
  readonly #hosts: readonly string[];
  readonly #repositories: readonly string[];

  constructor(hosts: readonly string[], repositories: readonly string[]) {
    this.#hosts = hosts;
    this.#repositories = repositories;
  }

  /** @param options - connections are of each registry */
  async scansPerSecond(options: {
    tag: string;
    connections: number;
    seconds: number;
  }): Promise<number> {
    const folder = await mkdtemp(join(tmpdir(), 'image-scan-wrk-'));
    try {
      const script = join(folder, 'scans.lua');
      await writeFile(script, this.#script(options.tag));
      const rates = await Promise.all(
        this.#hosts.map(host => requestsPerSecond(host, script, options)),
      );
      // A list and a digest for each.
      return rates.reduce((sum, rate) => sum + rate, 0) / 2;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  #script(tag: string): string {
    const names = this.#repositories.map(name => JSON.stringify(name));
    return `
local names = { ${names.join(', ')} }
local requests = {}
function init()
  for _, name in ipairs(names) do
    local base = "/v2/" .. name
    table.insert(requests, wrk.format("GET", base .. "/tags/list?n=1000",
      { ["accept"] = "application/json" }))
    table.insert(requests, wrk.format("GET", base .. "/manifests/${tag}",
      { ["accept"] = "${MANIFEST_TYPES.join(', ')}" }))
  end
end
local at = 0
function request()
  at = at % #requests + 1
  return requests[at]
end
function done(summary)
  local errors = summary.errors
  io.write("failed: ", errors.connect + errors.read + errors.write
    + errors.status + errors.timeout, "\\n")
end
`;
  }
}

async function requestsPerSecond(
  host: string,
  script: string,
  { connections, seconds }: { connections: number; seconds: number },
): Promise<number> {
  const { stdout } = await run(findWrk() ?? 'wrk', [
    '--threads=1',
    `--connections=${connections}`,
    `--duration=${seconds}s`,
    `--script=${script}`,
    `http://${host}`,
  ]);
  const rate = /Requests\/sec:\s+([\d.]+)/.exec(stdout);
  if (!rate || !stdout.includes('failed: 0\n')) {
    throw new Error(`wrk did not go through: ${stdout}`);
  }
  return Number(rate[1]);
}
