import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import {
  coreServices,
  createBackendModule,
  createServiceFactory,
  type PermissionsService,
  type PermissionsServiceRequestOptions,
} from '@backstage/backend-plugin-api';
import { schedulerServiceFactory } from '@backstage/backend-defaults/scheduler';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
  type TestBackend,
} from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import {
  AuthorizeResult,
  type Permission,
} from '@backstage/plugin-permission-common';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import scaffolderPlugin from '@backstage/plugin-scaffolder-backend';
import {
  createTemplateAction,
  scaffolderActionsExtensionPoint,
} from '@backstage/plugin-scaffolder-node';
import type { JsonObject } from '@backstage/types';
import imageScanPlugin from 'backstage-plugin-image-scan-backend';
import {
  gitRepoUpdatePermission,
  ImageScanClient,
} from 'backstage-plugin-image-scan-common';
import scaffolderModuleImageScan from 'backstage-plugin-scaffolder-backend-module-image-scan';
import type { Knex } from 'knex';
import { eventually } from './eventually';

/** May read, and not write to git. */
export const READER = 'user:default/reader';

/** May do everything. */
export const WRITER = 'user:default/writer';

/** What became of a task. */
export interface TaskResult {
  status: string;
  output: { [name: string]: unknown };
  /** Every message of its log, a line each. */
  log: string;
}

interface TaskEvent {
  type: string;
  body: { message: string; output?: { [name: string]: unknown } };
}

/** A step of a template. */
export interface Step {
  id: string;
  action: string;
  input?: JsonObject;
}

/** `test:link`: what a stranger's repository could bring into a workspace. */
const linkModule = createBackendModule({
  pluginId: 'scaffolder',
  moduleId: 'test',
  register(env) {
    env.registerInit({
      deps: { actions: scaffolderActionsExtensionPoint },
      async init({ actions }) {
        actions.addActions(
          createTemplateAction({
            id: 'test:link',
            schema: {
              input: { target: z => z.string(), path: z => z.string() },
            },
            async handler({ input, workspacePath }) {
              await symlink(input.target, join(workspacePath, input.path));
            },
          }),
        );
      },
    });
  },
});

const permissionsFactory = createServiceFactory({
  service: coreServices.permissions,
  deps: { auth: coreServices.auth },
  factory: ({ auth }): PermissionsService => {
    const decide = (
      permission: Permission,
      { credentials }: PermissionsServiceRequestOptions,
    ) => ({
      result:
        permission.name === gitRepoUpdatePermission.name &&
        auth.isPrincipal(credentials, 'user') &&
        credentials.principal.userEntityRef === READER
          ? AuthorizeResult.DENY
          : AuthorizeResult.ALLOW,
    });
    return {
      authorize: async (requests, options) =>
        requests.map(({ permission }) => decide(permission, options)),
      authorizeConditional: async (requests, options) =>
        requests.map(({ permission }) => decide(permission, options)),
    };
  },
});

/**
 * The real scaffolder with our actions beside the real image-scan plugin. Only the
 * catalog, the sign-in and the permission policy are made up: {@link READER} may not
 * write to git.
 */
export class TestScaffolder {
  readonly client: ImageScanClient;

  readonly #backend: TestBackend;

  private constructor(backend: TestBackend) {
    this.#backend = backend;

    const url = this.#url('image-scan');
    this.client = new ImageScanClient({
      discoveryApi: { getBaseUrl: async () => url },
      fetchApi: {
        fetch: (input, init) => this.#fetchAs(WRITER, String(input), init),
      },
    });
  }

  static async start(options: {
    /** One for each plugin id. */
    databases: { [pluginId: string]: Knex };
    templates: Entity[];
    imageScan: JsonObject;
    scaffolder?: JsonObject;
    integrations?: JsonObject;
  }): Promise<TestScaffolder> {
    const { databases, templates, imageScan } = options;
    const { scaffolder = {}, integrations = {} } = options;
    const backend = await startTestBackend({
      features: [
        scaffolderPlugin,
        scaffolderModuleImageScan,
        linkModule,
        imageScanPlugin,
        schedulerServiceFactory,
        mockServices.rootConfig.factory({
          data: { imageScan, scaffolder, integrations },
        }),
        catalogServiceMock.factory({ entities: templates }),
        createServiceFactory({
          service: coreServices.database,
          deps: { plugin: coreServices.pluginMetadata },
          factory: ({ plugin }) => ({
            getClient: async () => databases[plugin.getId()],
          }),
        }),
        permissionsFactory,
      ],
    });
    return new TestScaffolder(backend);
  }

  async stop(): Promise<void> {
    await this.#backend.stop();
  }

  /** Starts a task and does not wait for it. */
  async start(
    user: string,
    template: Entity,
    values: JsonObject = {},
  ): Promise<string> {
    const { name } = template.metadata;
    const { id } = await this.#post(user, '/v2/tasks', {
      templateRef: `template:default/${name}`,
      values,
    });
    return String(id);
  }

  /** Runs a template to its end. */
  async run(
    user: string,
    template: Entity,
    values?: JsonObject,
  ): Promise<TaskResult> {
    return this.result(await this.start(user, template, values));
  }

  /** Waits for the end of a task. */
  async result(id: string): Promise<TaskResult> {
    const url = `${this.#url('scaffolder')}/v2/tasks/${id}`;
    const status = await eventually(
      async () => {
        const task = await (await this.#fetchAs(WRITER, url)).json();
        if (!['completed', 'failed'].includes(task.status)) {
          throw new Error(`Task ${id} is ${task.status}`);
        }
        return String(task.status);
      },
      { timeout: 60_000 },
    );
    const response = await this.#fetchAs(WRITER, `${url}/events`);
    const events: TaskEvent[] = await response.json();
    const completion = events.find(({ type }) => type === 'completion');
    return {
      status,
      output: completion?.body.output ?? {},
      log: plain(events.map(({ body }) => body.message)),
    };
  }

  /** Runs a template dry. */
  async dryRun(
    user: string,
    template: Entity,
    files: { [path: string]: string } = {},
  ): Promise<{ log: string; files: { [path: string]: string } }> {
    const result: {
      log: { body: { message: string } }[];
      directoryContents: { path: string; base64Content: string }[];
    } = await this.#post(user, '/v2/dry-run', {
      template,
      values: {},
      directoryContents: Object.entries(files).map(([path, content]) => ({
        path,
        base64Content: Buffer.from(content).toString('base64'),
      })),
    });
    return {
      log: plain(result.log.map(({ body }) => body.message)),
      files: Object.fromEntries(
        result.directoryContents.map(({ path, base64Content }) => [
          path,
          Buffer.from(base64Content, 'base64').toString(),
        ]),
      ),
    };
  }

  #url(pluginId: string): string {
    return `http://localhost:${this.#backend.server.port()}/api/${pluginId}`;
  }

  #fetchAs(
    user: string,
    url: string,
    init: RequestInit = {},
  ): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set('Authorization', mockCredentials.user.header(user));
    return fetch(url, { ...init, headers });
  }

  async #post(user: string, path: string, body: object) {
    const url = `${this.#url('scaffolder')}${path}`;
    const response = await this.#fetchAs(user, url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) {
      throw new Error(`${response.status}: ${await response.text()}`);
    }
    return response.json();
  }
}

/** A template; its relative URLs are read from `directory`. */
export function createTemplate(
  name: string,
  steps: Step[],
  directory = '/nonexistent',
): Entity {
  const ids = steps.map(({ id }) => id);
  return {
    apiVersion: 'scaffolder.backstage.io/v1beta3',
    kind: 'Template',
    metadata: {
      name,
      namespace: 'default',
      annotations: {
        'backstage.io/managed-by-location': `file:${directory}/template.yaml`,
      },
    },
    spec: {
      type: 'service',
      owner: 'guests',
      parameters: [],
      steps: steps.map(step => ({ name: step.id, ...step })),
      output: Object.fromEntries(
        ids.map(id => [id, `\${{ steps['${id}'].output }}`]),
      ),
    },
  };
}

/** Without the colours of the log. */
function plain(messages: string[]): string {
  // eslint-disable-next-line no-control-regex
  return messages.join('\n').replace(/\u001b\[\d+m/g, '');
}
