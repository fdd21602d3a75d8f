import { inspect } from 'node:util';
import { auditorServiceFactory } from '@backstage/backend-defaults/auditor';
import { schedulerServiceFactory } from '@backstage/backend-defaults/scheduler';
import {
  coreServices,
  createServiceFactory,
  type RootLoggerService,
} from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
  type TestBackend,
} from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import type { JsonObject } from '@backstage/types';
import imageScanPlugin from 'backstage-plugin-image-scan-backend';
import type { Knex } from 'knex';

/** A real backend that keeps everything that it logs, audits and answers. */
export class ListeningBackend {
  #backend: TestBackend | undefined;

  readonly logged: string[];
  readonly answered: string[];

  private constructor(
    /** Logs of every level with all their fields, and audit events. */
    logged: string[],
    /** Answers of the API: status, headers and body. */
    answered: string[],
  ) {
    this.logged = logged;
    this.answered = answered;
  }

  /** Where the start fails, its error is kept with the logs and thrown. */
  static async start(options: {
    knex: Knex;
    config: JsonObject;
    logged?: string[];
  }): Promise<ListeningBackend> {
    const { knex, config, logged = [] } = options;
    const backend = new ListeningBackend(logged, []);
    try {
      backend.#backend = await startTestBackend({
        features: [
          imageScanPlugin,
          mockServices.rootConfig.factory({ data: config }),
          mockServices.database.factory({ knex }),
          createServiceFactory({
            service: coreServices.rootLogger,
            deps: {},
            factory: () => listener(logged),
          }),
          auditorServiceFactory,
          schedulerServiceFactory,
          catalogServiceMock.factory({ entities: [] }),
        ],
      });
    } catch (error) {
      logged.push(describe(error));
      throw error;
    }
    return backend;
  }

  /** Calls the API and keeps the answer. */
  async call(path: string, body?: JsonObject): Promise<Response> {
    const port = this.#backend?.server.port();
    const response = await fetch(
      `http://localhost:${port}/api/image-scan${path}`,
      {
        method: body ? 'POST' : 'GET',
        headers: {
          Authorization: mockCredentials.user.header(),
          'content-type': 'application/json',
        },
        ...(body && { body: JSON.stringify(body) }),
      },
    );
    const text = await response.clone().text();
    const headers = inspect([...response.headers]);
    this.answered.push(`${path} ${response.status} ${headers} ${text}`);
    return response;
  }

  async stop(): Promise<void> {
    await this.#backend?.stop();
    this.#backend = undefined;
  }
}

function listener(logged: string[]): RootLoggerService {
  const keep = (level: string) => (message: string, meta?: unknown) => {
    logged.push(`${level} ${message} ${describe(meta)}`);
  };
  const logger: RootLoggerService = {
    error: keep('error'),
    warn: keep('warn'),
    info: keep('info'),
    debug: keep('debug'),
    child: fields => {
      logged.push(describe(fields));
      return logger;
    },
  };
  return logger;
}

/** Everything in a value, for an error also what its text does not show. */
function describe(value: unknown): string {
  return inspect(value, {
    depth: 30,
    showHidden: true,
    maxArrayLength: null,
    maxStringLength: null,
  });
}
