import { createHash } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type {
  AuditorService,
  LoggerService,
} from '@backstage/backend-plugin-api';
import {
  type CommitSigner,
  createHttpTransport,
  GitMemory,
  type GitRepoDefinition,
  gitTimeoutOf,
  type HostOptions,
  HttpGitRemote,
  HttpRegistryClient,
} from 'backstage-plugin-image-scan-node';
import type { ImageScanConfig } from './config/readImageScanConfig';
import type { Stores } from './database/createStores';
import type { GitRepoDirectory } from './model/GitRepoDirectory';
import type { Readers } from './work/Readers';
import { HostPlaces } from './scanning/HostPlaces';
import { RegistryCredentialResolver } from './credentials/RegistryCredentialResolver';
import { ScanWorker } from './scanning/ScanWorker';
import { TagResolver } from './scanning/TagResolver';
import type { GitCredentialResolver } from './credentials/GitCredentialResolver';
import { MOST_WAITING } from './updating/GitPlaces';
import { GitRepoWorker } from './updating/GitRepoWorker';
import { withFreshCredentials } from './credentials/withFreshCredentials';
import { AskedWork } from './work/AskedWork';
import { Housekeeper } from './work/Housekeeper';
import { WorkLoop } from './work/WorkLoop';

/** Lists of tags worked on at the same time, over all registries. */
const SCAN_CONCURRENCY = 64;

/** The same with lists that slow registries keep waiting for. */
const MOST_SCANS = 128;

/** Git repos read or written at the same time. */
const GIT_CONCURRENCY = 4;

/** The same with those that slow servers keep waiting for. */
const MOST_GIT_REPOS = MOST_WAITING + 2 * GIT_CONCURRENCY;

/** The workers of this replica and the loops that drive them. */
export interface Workers {
  scanWorker: ScanWorker;
  tagResolver: TagResolver;
  gitRepoWorker: GitRepoWorker;
  /** Loops that a task of the scheduler ticks, each under its id. */
  loops: { id: string; loop: { tick(): Promise<void> } }[];
  /** Makes the stored git repos those of the configuration. */
  configure(): Promise<void>;
  /** Ends all work and gives back what is leased. */
  stop(): Promise<void>;
}

/** Makes the workers, and has each wake the other where it left something to do. */
export function createWorkers(options: {
  settings: ImageScanConfig;
  stores: Stores;
  directory: GitRepoDirectory;
  gitCredentials: GitCredentialResolver;
  /** People who read meanwhile: scans step back for them. */
  readers: Readers;
  logger: LoggerService;
  auditor: AuditorService;
}): Workers {
  const { settings, directory, gitCredentials, readers } = options;
  const { logger, auditor } = options;
  const { gitRepos, imageScans, queue, updates, decisions, platforms } =
    options.stores;
  const registryCredentials = new RegistryCredentialResolver(settings);

  const client = new HttpRegistryClient({ hosts: settings.registries, logger });
  // Registries and git have a way out each: a host that is allowed to be private
  // as a git remote must not become reachable as a registry.
  const gitTransport = createHttpTransport({ hosts: gitHosts(settings) });
  // Shared, so that many git repos do not mean as many repositories in memory.
  const gitMemory = new GitMemory();
  const asked = new AskedWork();
  const housekeeper = new Housekeeper({
    gitRepos,
    queue,
    platforms,
    logger,
  });

  // Each loop wakes the other.
  const events = new EventEmitter();

  const scanWorker = new ScanWorker({
    queue,
    platforms,
    client,
    credentials: registryCredentials,
    places: new HostPlaces(
      new Map(
        settings.registries.flatMap(({ host, concurrency }) =>
          concurrency === undefined ? [] : [[host, concurrency] as const],
        ),
      ),
    ),
    logger,
    onCompleted: () => events.emit('scanned'),
    exceptGitRepos: () => housekeeper.foreign,
    asked,
  });
  const gitRepoWorker = new GitRepoWorker({
    definitions: directory.byKey,
    gitRepos,
    imageScans,
    updates,
    decisions,
    // Made once, because they remember what they have seen.
    remotes: new Map(
      directory.definitions.map(definition => [
        definition.key,
        withFreshCredentials(
          new HttpGitRemote({
            url: definition.repo,
            branch: definition.branch,
            credentials: () => gitCredentials.resolve(definition),
            transport: gitTransport,
            signer: signerOf(definition, settings),
            memory: gitMemory,
            timeout: gitTimeoutOf(definition.repo, settings.gitHosts ?? []),
          }),
          () => gitCredentials.forget(definition),
        ),
      ]),
    ),
    credentialKeyOf: request => registryCredentials.keyOf(request),
    auditor,
    logger,
    onSynced: () => events.emit('synced'),
    asked,
  });
  const scanLoop = new WorkLoop({
    source: scanWorker,
    concurrency: SCAN_CONCURRENCY,
    mostRunning: MOST_SCANS,
    stepsBack: () => readers.areWaiting,
    logger,
  });
  const gitLoop = new WorkLoop({
    source: gitRepoWorker,
    concurrency: GIT_CONCURRENCY,
    mostRunning: MOST_GIT_REPOS,
    logger,
  });
  events.on('scanned', () => gitLoop.nudge());
  events.on('synced', () => scanLoop.nudge());

  return {
    scanWorker,
    tagResolver: new TagResolver({
      queue,
      client,
      credentials: registryCredentials,
    }),
    gitRepoWorker,
    loops: [
      { id: 'scan-images', loop: scanLoop },
      { id: 'sync-git-repos', loop: gitLoop },
      { id: 'keep-house', loop: housekeeper },
    ],

    configure: async () => {
      await gitRepos.configure(
        settings.gitRepos.map(definition => ({
          key: definition.key,
          definitionHash: hashDefinition(definition, settings),
          interval: definition.imageScanInterval,
        })),
        Date.now(),
      );
      await housekeeper.keepUp();
      await housekeeper.tidy();
    },

    stop: async () => {
      await Promise.all([
        scanLoop.stop(),
        gitLoop.stop(),
        asked.stop(),
        housekeeper.stop(),
      ]);
      client.close();
      gitTransport.close();
    },
  };
}

function signerOf(
  { commit }: GitRepoDefinition,
  { secrets }: ImageScanConfig,
): CommitSigner | undefined {
  const secret = secrets.find(({ name }) => name === commit.signingSecretName);
  return secret?.type === 'signing' ? secret.signer : undefined;
}

/**
 * The hosts of the git repos: listed by the operator, so they may have private
 * addresses, and speak plain http where the URL says so.
 */
function gitHosts({ gitRepos, registries }: ImageScanConfig): HostOptions[] {
  const urls = gitRepos.map(({ repo }) => new URL(repo));
  return urls.map(({ host }) => {
    return {
      host,
      // One of them may be written with http, and another with https.
      insecure: urls.some(
        other => other.host === host && other.protocol === 'http:',
      ),
      ca: registries.find(registry => registry.host === host)?.ca,
    };
  });
}

/**
 * Stands for all that the configuration says of a git repo, and for the names
 * under which credentials go: what was worked out by another definition is worked
 * out anew, and a replica that has another one does not work on it.
 */
function hashDefinition(
  definition: GitRepoDefinition,
  { secrets, registries }: ImageScanConfig,
): string {
  const names = [
    ...secrets.map(secret =>
      secret.type === 'docker-config' ? [secret.name, secret.gitRepos] : [],
    ),
    ...registries.map(({ host, credentials, gitRepos }) => [
      host,
      Boolean(credentials),
      gitRepos,
    ]),
  ];
  return createHash('sha256')
    .update(JSON.stringify([definition, names]))
    .digest('hex');
}
