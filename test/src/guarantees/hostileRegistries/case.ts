import type {
  HostOptions,
  RegistryCredentials,
  RegistryErrorCategory,
  RegistryLimits,
} from 'backstage-plugin-image-scan-node';
import { HttpRegistryClient } from 'backstage-plugin-image-scan-node';
import { MisbehavingRegistry } from '../../servers/MisbehavingRegistry';
import type { Behaviour } from '../../servers/MisbehavingRegistry';

/** The servers of a case. All are on loopback, and all but one may be reached. */
export interface Hosts {
  registry: MisbehavingRegistry;
  /** Where the registry may send its clients for tokens. */
  tokens: MisbehavingRegistry;
  /** Somebody else, who must never see a credential. */
  stranger: MisbehavingRegistry;
  /** Not in the configuration: no connection may ever reach it. */
  forbidden: MisbehavingRegistry;
}

/** What has to come of a case. */
export type Outcome =
  /** The whole list, or the number of its tags. */
  | { tags: readonly string[] | number }
  | { digest: string }
  | {
      error: RegistryErrorCategory;
      message: RegExp;
      status?: number;
      retryAfter?: number;
    };

/** One row of the table: what a registry does, and what has to come of it. */
export interface HostileCase {
  /** Of the list of cases; several rows may belong to one. */
  number: number;
  name: string;
  /** Default: the list of tags. */
  ask?: 'tags' | 'digest';
  /** Asked so often, each with the same outcome; default 1. */
  times?: number;
  credentials?: RegistryCredentials;
  limits?: Partial<RegistryLimits>;
  registry: (hosts: Hosts) => Behaviour;
  tokens?: (hosts: Hosts) => Behaviour;
  stranger?: (hosts: Hosts) => Behaviour;
  outcome: (hosts: Hosts) => Outcome;
  /** At most, to all servers together. */
  requests: number;
  /** At most; default 20, since the machine may be busy. */
  seconds?: number;
  /** At most by how much memory grows meanwhile, servers included; default 256. */
  mebibytes?: number;
  /** What else must hold. */
  check?: (hosts: Hosts) => void;
}

export const USER = 'robot$planted';
export const PASSWORD = 'planted:pässwörd$1';
export const REFRESH_TOKEN = 'planted-refresh-token';
export const REGISTRY_TOKEN = 'planted-registry-token';
/** What the token services of the cases give out. */
export const BEARER_TOKEN = 'planted-bearer-token';

export const basic: RegistryCredentials = {
  type: 'basic',
  username: USER,
  password: PASSWORD,
};
const pair = Buffer.from(`${USER}:${PASSWORD}`).toString('base64');
export const basicHeader = `Basic ${pair}`;

/** Everything that must go to the registry or its token service alone. */
export const secrets = [
  PASSWORD,
  encodeURIComponent(PASSWORD),
  pair,
  REFRESH_TOKEN,
  Buffer.from(`<token>:${REFRESH_TOKEN}`).toString('base64'),
  REGISTRY_TOKEN,
  BEARER_TOKEN,
];

export const REPOSITORY = 'org/app';

/** A behaviour that must not come to pass. */
export const unexpected: Behaviour = exchange => exchange.answer(418);

/** Starts the four servers. */
export async function startHosts(hostile: HostileCase): Promise<Hosts> {
  const behaviours: Record<keyof Hosts, Behaviour> = {
    registry: unexpected,
    tokens: unexpected,
    stranger: unexpected,
    forbidden: unexpected,
  };
  const start = (name: keyof Hosts) =>
    MisbehavingRegistry.start(exchange => behaviours[name](exchange));
  const hosts: Hosts = {
    registry: await start('registry'),
    tokens: await start('tokens'),
    stranger: await start('stranger'),
    forbidden: await start('forbidden'),
  };
  behaviours.registry = hostile.registry(hosts);
  behaviours.tokens = hostile.tokens?.(hosts) ?? unexpected;
  behaviours.stranger = hostile.stranger?.(hosts) ?? unexpected;
  return hosts;
}

export async function stopHosts(hosts: Hosts): Promise<void> {
  await Promise.all(Object.values(hosts).map(server => server.stop()));
}

/** A client to which all hosts but the forbidden one are known. */
export function clientFor(
  hosts: Hosts,
  options: {
    limits?: Partial<RegistryLimits>;
    log: string[];
    more?: readonly HostOptions[];
  },
): HttpRegistryClient {
  const { limits, log, more = [] } = options;
  const known = [hosts.registry, hosts.tokens, hosts.stranger];
  return new HttpRegistryClient({
    hosts: [...known.map(({ host }) => ({ host, insecure: true })), ...more],
    limits: { retryDelays: [1, 2], scanTime: 15_000, ...limits },
    logger: {
      debug: (message, meta) => log.push(message, JSON.stringify(meta ?? {})),
    },
  });
}

/** An error with everything that can be seen of it. */
export function textOf(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  const cause = 'cause' in error && error.cause ? textOf(error.cause) : '';
  return `${error.stack}\n${error.message}\n${JSON.stringify(error)}\n${cause}`;
}
