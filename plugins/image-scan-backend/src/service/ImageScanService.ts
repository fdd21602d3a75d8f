import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import type { ImageScanApi } from 'backstage-plugin-image-scan-common';
import type { Request } from 'express';

/** Who calls. */
export interface CallOptions {
  credentials: BackstageCredentials;
  /** The request that the call came with, for the auditor; an action has none. */
  request?: Request;
}

/** Who calls, and which git repos a list may show. */
export interface ListCallOptions extends CallOptions {
  /** Keys of git repos; undefined for all. */
  visible?: readonly string[];
}

/** What a call is about, none of it left out, and who makes it. */
type ServiceCall<TCall, TOptions> = TCall extends (
  ...args: infer TArgs
) => infer TAnswer
  ? (...args: [...Required<TArgs>, TOptions]) => TAnswer
  : never;

/**
 * What the REST API and the registered actions offer, whoever asks: the calls that
 * clients make, with who makes them.
 */
export type ImageScanService = {
  [Name in keyof ImageScanApi]: ServiceCall<
    ImageScanApi[Name],
    Name extends `list${string}` ? ListCallOptions : CallOptions
  >;
};
