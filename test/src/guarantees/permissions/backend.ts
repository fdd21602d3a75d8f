import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBackendModule } from '@backstage/backend-plugin-api';
import { authServiceFactory } from '@backstage/backend-defaults/auth';
import { httpAuthServiceFactory } from '@backstage/backend-defaults/httpAuth';
import { permissionsServiceFactory } from '@backstage/backend-defaults/permissions';
import { schedulerServiceFactory } from '@backstage/backend-defaults/scheduler';
import { userInfoServiceFactory } from '@backstage/backend-defaults/userInfo';
import {
  mockServices,
  startTestBackend,
  type TestBackend,
} from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import authPlugin from '@backstage/plugin-auth-backend';
import {
  authProvidersExtensionPoint,
  createProxyAuthenticator,
  createProxyAuthProviderFactory,
} from '@backstage/plugin-auth-node';
import catalogPlugin from '@backstage/plugin-catalog-backend';
import templateModule from '@backstage/plugin-catalog-backend-module-scaffolder-entity-model';
import permissionPlugin from '@backstage/plugin-permission-backend';
import scaffolderPlugin from '@backstage/plugin-scaffolder-backend';
import type { JsonObject } from '@backstage/types';
import imageScanPlugin from 'backstage-plugin-image-scan-backend';
import scaffolderModuleImageScan from 'backstage-plugin-scaffolder-backend-module-image-scan';
import { eventually } from '../../integration/eventually';
import { OWNERS, tablePolicyModule } from './policy';
import type { Caller } from './table';

/** An answer as it came, with everything a caller could read from it. */
export interface Answer {
  status: number;
  /** All headers but those that differ from call to call. */
  headers: string;
  text: string;
}

const IMAGE_SCAN = 'image-scan';
const serviceTokens = {
  service: 'token-of-the-unrestricted-service',
  readingService: 'token-of-the-reading-service',
  otherService: 'token-of-the-other-service',
};

/** Signs in whoever a header names: the one thing here that is made up. */
const signInModule = createBackendModule({
  pluginId: 'auth',
  moduleId: 'table-provider',
  register(env) {
    env.registerInit({
      deps: { providers: authProvidersExtensionPoint },
      async init({ providers }) {
        providers.registerProvider({
          providerId: 'table',
          factory: createProxyAuthProviderFactory({
            authenticator: createProxyAuthenticator({
              defaultProfileTransform: async () => ({ profile: {} }),
              initialize() {},
              authenticate: async ({ req }) => ({
                result: { name: req.header('x-user') ?? '' },
              }),
            }),
            signInResolver: async ({ result: { name } }, context) => {
              const sub = `user:default/${name}`;
              const ent = name === 'owner' ? [sub, OWNERS] : [sub];
              return context.issueToken({ claims: { sub, ent } });
            },
          }),
        });
      },
    });
  },
});

/**
 * A whole backend with real sign-in, tokens, permissions, catalog and scaffolder
 * around the plugin.
 */
export class PermissionsBackend {
  readonly #backend: TestBackend;
  readonly #folder: string;
  readonly #tokens = new Map<Caller, string>();

  private constructor(backend: TestBackend, folder: string) {
    this.#backend = backend;
    this.#folder = folder;
  }

  static async start(options: {
    imageScan: JsonObject;
    entities: readonly Entity[];
    callers: readonly Caller[];
  }): Promise<PermissionsBackend> {
    const folder = await mkdtemp(join(tmpdir(), 'image-scan-permissions-'));
    const catalogFile = join(folder, 'catalog.yaml');
    await writeFile(
      catalogFile,
      options.entities.map(entity => JSON.stringify(entity)).join('\n---\n'),
    );
    const backend = await startTestBackend({
      features: [
        authPlugin,
        signInModule,
        permissionPlugin,
        tablePolicyModule,
        catalogPlugin,
        templateModule,
        scaffolderPlugin,
        scaffolderModuleImageScan,
        imageScanPlugin,
        authServiceFactory,
        httpAuthServiceFactory,
        permissionsServiceFactory,
        schedulerServiceFactory,
        userInfoServiceFactory,
        mockServices.rootConfig.factory({
          data: {
            app: { baseUrl: 'http://localhost' },
            backend: {
              baseUrl: 'http://localhost',
              database: { client: 'better-sqlite3', connection: ':memory:' },
              auth: { externalAccess: externalAccess() },
            },
            auth: { providers: { table: {} } },
            permission: { enabled: true },
            catalog: {
              rules: [{ allow: ['Component', 'Group', 'Template'] }],
              locations: [{ type: 'file', target: catalogFile }],
            },
            imageScan: options.imageScan,
          },
        }),
      ],
    });
    const started = new PermissionsBackend(backend, folder);
    await started.#signIn(options.callers);
    await started.#waitForEntities(options.entities);
    return started;
  }

  async stop(): Promise<void> {
    await this.#backend.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** What answers requests: the application that all plugins are mounted in. */
  get application(): unknown {
    return this.#backend.server.listeners('request')[0];
  }

  /** Calls the image scan plugin. */
  call(caller: Caller, call: string): Promise<Answer> {
    const [method, path, ...body] = call.split(' ');
    return this.fetch(caller, IMAGE_SCAN, method, path, body.join(' '));
  }

  async fetch(
    caller: Caller,
    pluginId: string,
    method: string,
    path: string,
    body?: string,
  ): Promise<Answer> {
    const token = this.#tokens.get(caller);
    const response = await fetch(this.#url(pluginId, path), {
      method,
      headers: {
        ...(token && { Authorization: `Bearer ${token}` }),
        ...(body && { 'Content-Type': 'application/json' }),
      },
      body: body || undefined,
    });
    const volatile = ['date', 'etag', 'content-length'];
    return {
      status: response.status,
      headers: [...response.headers]
        .filter(([name]) => !volatile.includes(name))
        .map(header => header.join(': '))
        .sort()
        .join('\n'),
      text: await response.text(),
    };
  }

  /** Runs a template to its end: its status and the whole log. */
  async runTemplate(
    caller: Caller,
    template: string,
    values: JsonObject,
  ): Promise<{ status: string; text: string }> {
    const started = await this.fetch(
      caller,
      'scaffolder',
      'POST',
      '/v2/tasks',
      JSON.stringify({ templateRef: `template:default/${template}`, values }),
    );
    if (started.status !== 201) {
      return { ...started, status: String(started.status) };
    }
    const { id }: { id: string } = JSON.parse(started.text);
    const get = (path: string) =>
      this.fetch('service', 'scaffolder', 'GET', `/v2/tasks/${id}${path}`);
    const status = await eventually(async () => {
      const task: { status: string } = JSON.parse((await get('')).text);
      if (!['completed', 'failed'].includes(task.status)) {
        throw new Error(`Task ${id} is ${task.status}`);
      }
      return task.status;
    });
    return { status, text: (await get('/events')).text };
  }

  async #signIn(names: readonly Caller[]): Promise<void> {
    for (const [name, token] of serviceEntries()) {
      this.#tokens.set(name, token);
    }
    for (const name of names) {
      if (name !== 'anonymous' && !this.#tokens.has(name)) {
        const response = await fetch(this.#url('auth', '/table/refresh'), {
          headers: { 'x-user': name },
        });
        const answer: { backstageIdentity: { token: string } } =
          await response.json();
        this.#tokens.set(name, answer.backstageIdentity.token);
      }
    }
  }

  /** Owners and labels count from the moment that the catalog knows them. */
  async #waitForEntities(entities: readonly Entity[]): Promise<void> {
    await eventually(
      async () => {
        const { text } = await this.fetch(
          'service',
          'catalog',
          'GET',
          '/entities?fields=metadata.name',
        );
        const missing = entities.filter(
          ({ metadata }) => !text.includes(`"${metadata.name}"`),
        );
        if (missing.length > 0) {
          throw new Error(`The catalog still lacks ${missing.length} entities`);
        }
      },
      { timeout: 60_000 },
    );
  }

  #url(pluginId: string, path: string): string {
    const port = this.#backend.server.port();
    return `http://localhost:${port}/api/${pluginId}${path}`;
  }
}

function serviceEntries(): [Caller, string][] {
  const { service, readingService, otherService } = serviceTokens;
  return [
    ['service', service],
    ['readingService', readingService],
    ['otherService', otherService],
  ];
}

function externalAccess(): JsonObject[] {
  const access = (token: string, accessRestrictions?: JsonObject[]) => ({
    type: 'static',
    options: { token, subject: token.replace('token-of-the-', '') },
    ...(accessRestrictions && { accessRestrictions }),
  });
  return [
    access(serviceTokens.service),
    access(serviceTokens.readingService, [
      { plugin: IMAGE_SCAN, permission: 'image-scan.git-repo.read' },
    ]),
    access(serviceTokens.otherService, [{ plugin: 'catalog' }]),
  ];
}
