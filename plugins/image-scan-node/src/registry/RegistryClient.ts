import type { RegistryCredentials } from '../types';
import type { ImageReference } from './imageReference';

/** @public */
export interface RegistryRequestOptions {
  /** Go to the registry of the image and its token service, nowhere else. */
  credentials?: RegistryCredentials;
  /** Ends the work; its reason is thrown. */
  signal?: AbortSignal;
}

/**
 * What the engine asks registries. Tag and digest of the reference are ignored.
 *
 * @public
 */
export interface RegistryClient {
  /**
   * All tags of a repository, each once and valid by the OCI grammar, in no
   * particular order. Whatever keeps the list from being whole is an error.
   *
   * @throws `RegistryError`; `InvalidImageReferenceError` for a text that is none
   */
  listTags(
    image: ImageReference | string,
    options?: RegistryRequestOptions,
  ): Promise<string[]>;

  /**
   * The digest (`sha256:…` or `sha512:…`) of what a tag points to: the index, for
   * a multi-platform image.
   *
   * @throws `RegistryError`, `not-found` for a tag that is gone; `InputError` for
   *   an invalid tag
   */
  resolveDigest(
    image: ImageReference | string,
    tag: string,
    options?: RegistryRequestOptions,
  ): Promise<string>;

  /**
   * The platforms of the image with a digest, each once, such as `linux/amd64` or
   * `linux/arm/v7`; empty where it says none.
   *
   * @throws `RegistryError`, `not-found` for a digest that is gone; `InputError` for
   *   an invalid digest
   */
  readPlatforms(
    image: ImageReference | string,
    digest: string,
    options?: RegistryRequestOptions,
  ): Promise<string[]>;

  /** Ends what is under way and closes connections. */
  close(): void;
}
