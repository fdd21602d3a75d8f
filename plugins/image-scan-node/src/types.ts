import type { MarkerForm } from 'backstage-plugin-image-scan-common';

/** What a scan chose, ready to be written at its markers. @public */
export interface ResolvedImage {
  /** As the user spelled it in `imageScans`, without a tag or digest. */
  image: string;
  tag: string;
  /** `sha256:…` or `sha512:…` of the manifest or index that the tag points to. */
  digest?: string;
}

/** A marker whose value can be read and written. @public */
export interface Marker {
  /** Line of the value's end, where the comment stands; from 1. */
  line: number;
  tagName: string;
  form: MarkerForm;
  /** The value, without quotes. */
  current: string;
}

/** A value that a rewrite replaced. @public */
export interface MarkerChange {
  /** From 1. */
  line: number;
  tagName: string;
  form: MarkerForm;
  from: string;
  to: string;
}

/** Why a marker does nothing. @public */
export type MarkerProblemCode =
  | 'unknown-name'
  | 'unknown-form'
  | 'no-digest'
  | 'not-a-marker'
  | 'not-a-value'
  | 'template'
  | 'unreadable-file';

/** A marker, or a comment meant as one, that does nothing. @public */
export interface MarkerProblem {
  code: MarkerProblemCode;
  /** From 1. */
  line: number;
  /** Where one could be read. */
  tagName?: string;
  /** A full sentence for people, without the file's name. */
  message: string;
}

/** How to sign in to a registry. @public */
export type RegistryCredentials =
  | { type: 'basic'; username: string; password: string }
  /** A refresh token for the registry's token service. */
  | { type: 'identity-token'; token: string }
  /** A bearer token for the registry itself. */
  | { type: 'registry-token'; token: string };

/** How to sign in to a git remote: Basic, or headers ready to send. @public */
export type GitCredentials =
  | { username: string; password: string }
  | { headers: Record<string, string> };

/** Settings of one host that differ from the defaults. @public */
export interface HostOptions {
  /** `host` or `host:port`, as in the URL. */
  host: string;
  /** Speak plain http with it. */
  insecure?: boolean;
  /** PEM certificates to trust beside the system's. */
  ca?: string;
  /** Requests at the same time; default 4. */
  concurrency?: number;
  /** Milliseconds for one whole list of tags or one digest; default a minute. */
  timeout?: number;
}
