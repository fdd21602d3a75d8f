import { posix } from 'node:path';
import type { ManifestText } from '../markers/manifestText';
import { FoundImages } from './FoundImages';
import type { Candidate } from './FoundImages';
import { isImage, isUnset } from './imageText';
import { DIGEST_KEYS, MapImages, REPOSITORY_KEYS, TAG_KEYS } from './MapImages';
import type { Override } from './MapImages';
import { SingleImages } from './SingleImages';
import type { DocumentFacts, Level, TreeReader, Value } from './tree';
import { ValueReader } from './ValueReader';

/** What a file says of images. */
export interface ManifestFacts {
  candidates: Candidate[];
  /** Of a `kustomization.yaml`: the files and folders that it builds on. */
  resources: string[];
  overrides: Override[];
  /** Paths of the repository that Flux reads. */
  fluxPaths: string[];
  /** Images that skaffold builds. */
  artifacts: string[];
  /** Whether a key somewhere names the registry of images that name none. */
  hasRegistryKey: boolean;
  /** Whether the file is encrypted: nothing in it may change. */
  isEncrypted: boolean;
}

/** What is known of the document that is being read. */
class DocumentNotes {
  kind = '';
  apiVersion = '';
  readonly rootKeys = new Set<string>();
  readonly resources: string[] = [];
  readonly overrides: Override[] = [];
  readonly artifacts: string[] = [];
  fluxPath: string | undefined;
  ociUrl: string | undefined;
  ociTag: Value | undefined;
  ociDigest: Value | undefined;
}

/** Keys at the top that say what a document is. */
const ROOT_KEYS: ReadonlySet<string> = new Set([
  'services',
  'suite',
  'tests',
  'sops',
]);

const RESOURCE_KEYS: ReadonlySet<string | undefined> = new Set([
  'resources',
  'bases',
  'components',
  'patchesStrategicMerge',
]);

/** Kinds whose `values` are Helm values. */
const VALUES_KINDS: ReadonlySet<string> = new Set([
  'HelmRelease',
  'HelmChart',
  'Application',
  'ApplicationSet',
]);

/** Flux's own Kustomization is another thing than kustomize's. */
export const FLUX_KUSTOMIZE = 'kustomize.toolkit.fluxcd.io/';

const KUSTOMIZATION = /^kustomization(?:\.ya?ml)?$/i;

/** Whether a file is what kustomize and Flux look for in a folder. */
export function isKustomizationFile(file: string): boolean {
  return KUSTOMIZATION.test(posix.basename(file));
}

/** Finds the images of a manifest by where they stand and what they are. */
export class ManifestReader implements TreeReader {
  readonly keptKeys: ReadonlySet<string> = new Set([
    ...['kind', 'apiVersion', 'image', 'build', 'name', 'registry', 'version'],
    ...['newName', 'newTag', 'value', 'url', 'path', 'reference'],
    ...REPOSITORY_KEYS,
    ...TAG_KEYS,
    ...DIGEST_KEYS,
  ]);

  readonly facts: ManifestFacts = {
    candidates: [],
    resources: [],
    overrides: [],
    fluxPaths: [],
    artifacts: [],
    hasRegistryKey: false,
    isEncrypted: false,
  };

  readonly #file: string;
  readonly #values: ValueReader;
  readonly #found: FoundImages;
  readonly #single: SingleImages;
  readonly #maps: MapImages;
  #notes = new DocumentNotes();

  constructor(file: string, manifest: ManifestText) {
    this.#file = file;
    this.#values = new ValueReader(manifest);
    this.#found = new FoundImages(this.#values);
    this.#single = new SingleImages(this.#values, this.#found);
    this.#maps = new MapImages(this.#values, this.#found);
  }

  readKey(levels: readonly Level[]): void {
    const { key = '' } = levels[levels.length - 1];
    if (levels.length === 1 && ROOT_KEYS.has(key)) {
      this.#notes.rootKeys.add(key);
    }
  }

  readValue(value: Value, levels: readonly Level[]): void {
    this.#found.levels = levels;
    const top = levels[levels.length - 1];
    if (value.kind === 'block') {
      this.#single.readBlock(value, top);
      return;
    }
    if (top.isMap) {
      const key = top.key ?? '';
      if (/registry$/i.test(key) && key !== 'registry') {
        this.#noteRegistry(value);
      }
      this.#single.readEntry(value, key, levels);
      return;
    }
    const listKey = levels[levels.length - 2]?.key;
    if (levels.length === 2 && RESOURCE_KEYS.has(listKey)) {
      this.#noteResource(this.#values.textOf(value));
    } else {
      this.#single.readItem(value, levels);
    }
  }

  leaveLevel(levels: readonly Level[]): void {
    this.#found.levels = levels;
    const { isMap, values } = levels[levels.length - 1];
    if (!isMap || values.size === 0) {
      return;
    }
    const registry = values.get('registry');
    if (registry && !REPOSITORY_KEYS.some(each => values.has(each))) {
      this.#noteRegistry(registry);
    }
    if (levels.length === 1) {
      this.#notes.kind = this.#values.textAt(values, 'kind');
      this.#notes.apiVersion = this.#values.textAt(values, 'apiVersion');
    }
    this.#readSpec(levels);
    const list = levels[levels.length - 2];
    if (!list || list.isMap || !this.#readItem(levels)) {
      const isItem = list?.isMap === false;
      const listKey = isItem ? levels[levels.length - 3]?.key : undefined;
      this.#maps.readImages(values, listKey, levels);
    }
  }

  /**
   * A map that is an item of a list.
   *
   * @returns whether it is one of those that mean something by themselves
   */
  #readItem(levels: readonly Level[]): boolean {
    const { values } = levels[levels.length - 1];
    const key = levels[levels.length - 3]?.key;
    const isKustomizeImage =
      key === 'images' &&
      levels.length <= 4 &&
      values.has('name') &&
      !values.has('tag') &&
      !values.has('repository');
    if (isKustomizeImage) {
      const override = this.#maps.readKustomizeImage(values);
      // Those of Flux stand deeper and do not reach other files by their names.
      if (override && levels.length === 3) {
        this.#notes.overrides.push(override);
      }
      return true;
    }
    if (key === 'env') {
      this.#single.readVariable(values);
      return true;
    }
    if (key === 'patches' && levels.length === 3) {
      this.#noteResource(this.#values.textAt(values, 'path'));
      return true;
    }
    if (key === 'artifacts' && levels.length === 4) {
      this.#notes.artifacts.push(this.#values.textAt(values, 'image'));
      return levels[0].key === 'build';
    }
    return false;
  }

  #readSpec(levels: readonly Level[]): void {
    const { values } = levels[levels.length - 1];
    if (levels[0].key !== 'spec') {
      return;
    }
    if (levels.length === 2) {
      this.#notes.fluxPath = this.#values.textAt(values, 'path');
      this.#notes.ociUrl = this.#values.textAt(values, 'url');
    } else if (levels.length === 3 && levels[1].key === 'ref') {
      this.#notes.ociTag = values.get('tag');
      this.#notes.ociDigest = values.get('digest');
    }
  }

  #noteRegistry(value: Value): void {
    const text = this.#values.textOf(value) ?? '';
    this.facts.hasRegistryKey ||= !isUnset(text) && isImage(`${text}/a`);
  }

  #noteResource(path: string | undefined): void {
    if (path) {
      this.#notes.resources.push(path);
    }
  }

  endDocument(document: DocumentFacts): void {
    const { kind, apiVersion, rootKeys, ...notes } = this.#notes;
    const isFlux = apiVersion.startsWith(FLUX_KUSTOMIZE);
    const isSkaffold = apiVersion.startsWith('skaffold/');
    const isKustomization =
      !isFlux &&
      (isKustomizationFile(this.#file) ||
        kind === 'Kustomization' ||
        kind === 'Component');
    this.facts.isEncrypted ||= rootKeys.has('sops');
    if (isKustomization) {
      addAll(this.facts.resources, notes.resources);
      addAll(this.facts.overrides, notes.overrides);
    }
    if (isFlux && kind === 'Kustomization') {
      this.facts.fluxPaths.push(notes.fluxPath || '.');
    }
    if (isSkaffold) {
      addAll(this.facts.artifacts, notes.artifacts);
    }
    if (kind === 'OCIRepository') {
      this.#readOciRepository();
    }
    const name = posix.basename(this.#file);
    const isValues = /values/i.test(name) && kind === '';
    const found = this.#found.take(
      {
        hasKind: kind !== '',
        isConfigMap: kind === 'ConfigMap',
        isCompose: rootKeys.has('services') && kind === '' && !isValues,
        isKustomization: isKustomization || isFlux,
        isValues,
        holdsValues: /^fleet\.ya?ml$/.test(name) || VALUES_KINDS.has(kind),
      },
      document,
    );
    const isUnitTest = rootKeys.has('suite') && rootKeys.has('tests');
    if (kind !== 'CustomResourceDefinition' && !isSkaffold && !isUnitTest) {
      addAll(this.facts.candidates, found);
    }
    this.#notes = new DocumentNotes();
  }

  #readOciRepository(): void {
    const { ociUrl, ociTag, ociDigest } = this.#notes;
    const image = ociUrl?.replace(/^oci:\/\//, '');
    if (ociTag && image) {
      this.#found.addTag({
        shape: 'oci',
        value: ociTag,
        isPinned: ociDigest !== undefined && !this.#values.isUnset(ociDigest),
        ...(isImage(image) ? { image } : { reason: 'not-an-image' as const }),
      });
    }
  }
}

/** There may be more than a call takes arguments. */
function addAll<T>(list: T[], more: readonly T[]): void {
  for (const each of more) {
    list.push(each);
  }
}
