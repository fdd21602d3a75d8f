import type { MarkerForm } from 'backstage-plugin-image-scan-common';

/** Where in a manifest an image stands. @public */
export type UnwatchedShape =
  /** `image` of a container, in every kind. */
  | 'workload'
  /** The key `image` of another kind. */
  | 'crd'
  | 'compose'
  /** A repository and its tag in Helm values. */
  | 'values'
  /** A whole image in Helm values. */
  | 'values-image'
  | 'values-tag-alone'
  /** An entry of `images` in a `kustomization.yaml`. */
  | 'kustomize'
  | 'env'
  /** An argument of a command. */
  | 'arg'
  /** An item of another list. */
  | 'list'
  /** An entry of `literals` in a `kustomization.yaml`. */
  | 'literal'
  /** A value in the data of a ConfigMap. */
  | 'configmap'
  /** A chart or artifact that Flux fetches. */
  | 'oci'
  /** An image that is mounted as a volume. */
  | 'volume'
  /** Text in a block that looks like a manifest. */
  | 'embedded';

/** Why an image is listed without a tick. @public */
export type UnwatchedReason =
  | 'template'
  | 'glued-template'
  | 'substitution'
  | 'placeholder'
  | 'not-an-image'
  | 'no-tag'
  | 'no-policy'
  | 'chart-default'
  | 'bare-digest'
  | 'image-unknown'
  | 'alias'
  | 'anchor-shared'
  | 'flow-line'
  | 'embedded-text'
  | 'joined'
  | 'json'
  | 'comment-in-the-way'
  | 'watched-by-flux'
  | 'overridden'
  | 'built-here'
  | 'generated';

/** An image in a manifest that no marker watches. @public */
export interface UnwatchedImage {
  file: string;
  /** Where its tag is written and a marker would stand; from 1. */
  line: number;
  shape: UnwatchedShape;
  /** As it is written, without tag and digest; absent where it is not known. */
  image?: string;
  tag?: string;
  /** `sha256:…` or `sha512:…`. */
  digest?: string;
  /** Whether a marker can stand there and do what is meant. */
  take: boolean;
  /** Of the marker, where it can be taken. */
  form?: MarkerForm;
  /** A name that is free in the folder of its definition, where it can be taken. */
  tagName?: string;
  /**
   * Why it cannot be taken. `generated`, `overridden`, `image-unknown` and
   * `comment-in-the-way` may still be taken by a person who knows better.
   */
  reason?: UnwatchedReason;
  /** The entry that sets another tag, where it is `overridden`. */
  overriddenBy?: { file: string; line: number };
  /** Whether it can be offered with a tick: not where it may be a test or no image at all. */
  ticked: boolean;
}

/** A marker to be inserted. @public */
export interface MarkerToInsert {
  file: string;
  /** The line on which its value ends; from 1. */
  line: number;
  tagName: string;
  form: MarkerForm;
}
