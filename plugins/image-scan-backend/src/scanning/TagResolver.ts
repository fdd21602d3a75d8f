import { InputError } from '@backstage/errors';
import {
  parseImageReference,
  type RegistryClient,
} from 'backstage-plugin-image-scan-node';
import type { RegistryCredentialResolver } from '../credentials/RegistryCredentialResolver';
import type { ScanQueue } from '../database/ScanQueue';
import { desiredValue } from '../model/assessScan';
import type { ScanMarker, StoredScan, WantedTag } from '../model/types';

/** Finds tags that people name, in the lists that registries gave. */
export class TagResolver {
  readonly #queue: ScanQueue;
  readonly #client: RegistryClient;
  readonly #credentials: RegistryCredentialResolver;

  constructor(options: {
    queue: ScanQueue;
    client: RegistryClient;
    credentials: RegistryCredentialResolver;
  }) {
    this.#queue = options.queue;
    this.#client = options.client;
    this.#credentials = options.credentials;
  }

  /**
   * Finds a tag of a scan's image. The registry is asked only where a marker wants the
   * digest, so that an older tag can be used while it does not answer.
   *
   * @throws InputError where the last list does not have it.
   */
  async resolve(
    { definition, latest, lastScanAt }: StoredScan,
    markers: readonly ScanMarker[],
    tag: string,
    signal?: AbortSignal,
  ): Promise<WantedTag> {
    const { image, tagName, listKey } = definition;
    const tags = await this.#queue.getTags(listKey);
    if (!tags) {
      throw new InputError(
        `tags: the registry of ${image} has not listed its tags yet; scan ${tagName} first`,
      );
    }
    if (!tags.includes(tag)) {
      const when =
        lastScanAt === undefined
          ? ''
          : ` when it was asked last, at ${new Date(lastScanAt).toISOString()}`;
      throw new InputError(
        `tags: ${image} had no tag ${tag}${when}; scan ${tagName} again if it is new`,
      );
    }
    if (latest?.tag === tag) {
      return latest;
    }
    const needsDigest = markers.some(
      marker => desiredValue(definition, { tag }, marker) === undefined,
    );
    if (!needsDigest) {
      return { tag };
    }
    const reference = parseImageReference(image);
    const credentials = this.#credentials.resolve({
      gitRepo: definition.gitRepo,
      reference,
      secretRef: definition.secretRef,
    });
    const digest = await this.#client.resolveDigest(reference, tag, {
      credentials,
      signal,
    });
    return { tag, digest };
  }
}
