import type { LoggerService } from '@backstage/backend-plugin-api';
import { schedulerServiceFactory } from '@backstage/backend-defaults/scheduler';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
  type TestBackend,
} from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import type { JsonObject } from '@backstage/types';
import imageScanPlugin from 'backstage-plugin-image-scan-backend';
import {
  type ImageScan,
  ImageScanClient,
} from 'backstage-plugin-image-scan-common';
import type { Knex } from 'knex';
import { eventually } from './eventually';

/**
 * The real plugin with the real scheduler on a real database; only the catalog
 * and the sign-in are made up.
 */
export class TestImageScan {
  readonly client: ImageScanClient;
  readonly #backend: TestBackend;

  private constructor(backend: TestBackend) {
    this.#backend = backend;
    const baseUrl = `http://localhost:${backend.server.port()}/api/image-scan`;
    this.client = new ImageScanClient({
      discoveryApi: { getBaseUrl: async () => baseUrl },
      fetchApi: {
        fetch: (input, init) =>
          fetch(input, {
            ...init,
            headers: {
              ...init?.headers,
              Authorization: mockCredentials.user.header(),
            },
          }),
      },
    });
  }

  static async start(options: {
    knex: Knex;
    /** The `imageScan` configuration. */
    imageScan: JsonObject;
    /** The rest of app-config. */
    config?: JsonObject;
    entities?: Entity[];
    logger?: LoggerService;
  }): Promise<TestImageScan> {
    const { knex, imageScan, config = {}, entities = [] } = options;
    const backend = await startTestBackend({
      features: [
        imageScanPlugin,
        mockServices.rootConfig.factory({ data: { ...config, imageScan } }),
        mockServices.database.factory({ knex }),
        schedulerServiceFactory,
        catalogServiceMock.factory({ entities }),
      ],
    });
    return new TestImageScan(backend);
  }

  async stop(): Promise<void> {
    await this.#backend.stop();
  }

  /** The scan of a tagName, once it is known. */
  async scanOf(gitRepo: string, tagName: string): Promise<ImageScan> {
    return eventually(async () => {
      const { items } = await this.client.listImageScans({ gitRepo });
      const scan = items.find(item => item.tagName === tagName);
      if (!scan) {
        throw new Error(`${gitRepo} has no scan ${tagName} yet`);
      }
      return scan;
    });
  }

  /** The scan of a tagName, once it is in a state. */
  async scanInState(
    gitRepo: string,
    tagName: string,
    state: ImageScan['state'],
  ): Promise<ImageScan> {
    return eventually(async () => {
      const scan = await this.scanOf(gitRepo, tagName);
      if (scan.state !== state) {
        throw new Error(
          `${gitRepo}/${tagName} is ${
            scan.state
          }, not ${state}: ${JSON.stringify(
            scan.error ?? scan.updateError ?? scan.held ?? scan.problems,
          )}`,
        );
      }
      return scan;
    });
  }

  /** Asks the registry for a tagName now. */
  async scanNow(gitRepo: string, tagName: string): Promise<ImageScan> {
    const { id } = await this.scanOf(gitRepo, tagName);
    return this.client.scanImage(id);
  }
}
