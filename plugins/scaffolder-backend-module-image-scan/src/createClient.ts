import type {
  AuthService,
  BackstageCredentials,
  DiscoveryService,
} from '@backstage/backend-plugin-api';
import { ResponseError, toError } from '@backstage/errors';
import {
  type ImageScanApi,
  ImageScanClient,
} from 'backstage-plugin-image-scan-common';

/** What a call of the backend needs. */
export interface ClientServices {
  auth: AuthService;
  discovery: DiscoveryService;
}

/** The part of an action's context that says on whose behalf a call is made. */
export interface Caller {
  getInitiatorCredentials(): Promise<BackstageCredentials>;
  signal?: AbortSignal;
}

/** A client that speaks for whoever runs the template, and stops with the task. */
export function createClient(
  { auth, discovery }: ClientServices,
  { getInitiatorCredentials, signal }: Caller,
): ImageScanApi {
  return new ImageScanClient({
    discoveryApi: discovery,
    fetchApi: {
      async fetch(input, init) {
        // A token lives for minutes and a call can come late: one for each.
        const { token } = await auth.getPluginRequestToken({
          onBehalfOf: await getInitiatorCredentials(),
          targetPluginId: 'image-scan',
        });
        const headers = new Headers(init?.headers);
        headers.set('Authorization', `Bearer ${token}`);
        return fetch(input, { ...init, headers, signal });
      },
    },
  });
}

/**
 * The error in the backend's own words: a `ResponseError` says only which request
 * failed, and a task's log shows nothing of its cause.
 */
export function backendError(error: unknown): Error {
  return error instanceof ResponseError ? error.cause : toError(error);
}
