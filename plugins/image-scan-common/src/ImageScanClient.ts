import { ResponseError } from '@backstage/errors';
import type {
  Decision,
  DecisionList,
  DecisionListOptions,
  DecisionRelease,
  DecisionRequest,
  DecisionsRequest,
} from './decisions';
import type { ImageScanApi } from './ImageScanApi';
import type {
  GitRepoStatus,
  ImageScan,
  ImageScanList,
  ImageScanListOptions,
  PolicyPreview,
  PolicyPreviewRequest,
  TagList,
  TagListOptions,
} from './types';
import type {
  UpdateList,
  UpdateListOptions,
  UpdateRequest,
  UpdateResult,
} from './updates';

/** The part of Backstage's discovery service and API that the client needs. @public */
export interface DiscoveryLike {
  getBaseUrl(pluginId: string): Promise<string>;
}

/** The part of Backstage's fetch API that the client needs. @public */
export interface FetchLike {
  fetch: typeof fetch;
}

type QueryValue = string | number | boolean | undefined;

/**
 * Talks to the image-scan backend from a browser or from another backend.
 *
 * @remarks
 * In a backend pass `fetchApi` with a `fetch` that adds the token of the caller.
 * Every call throws a `ResponseError` when the backend refuses it.
 *
 * @public
 */
export class ImageScanClient implements ImageScanApi {
  readonly #discoveryApi: DiscoveryLike;
  readonly #fetchApi: FetchLike;

  constructor(options: { discoveryApi: DiscoveryLike; fetchApi?: FetchLike }) {
    this.#discoveryApi = options.discoveryApi;
    this.#fetchApi = options.fetchApi ?? { fetch };
  }

  listGitRepos(): Promise<{ items: GitRepoStatus[] }> {
    return this.#get('/git-repos');
  }

  getGitRepo(name: string): Promise<GitRepoStatus> {
    return this.#get(`/git-repos/${encodeURIComponent(name)}`);
  }

  syncGitRepo(name: string): Promise<GitRepoStatus> {
    return this.#post(`/git-repos/${encodeURIComponent(name)}/sync`);
  }

  updateGitRepo(name: string, request: UpdateRequest): Promise<UpdateResult> {
    return this.#post(`/git-repos/${encodeURIComponent(name)}/update`, request);
  }

  listImageScans(options: ImageScanListOptions = {}): Promise<ImageScanList> {
    const { orderBy, ...query } = options;
    return this.#get('/image-scans', {
      ...query,
      orderBy: orderBy && `${orderBy.field},${orderBy.order}`,
    });
  }

  getImageScan(id: string): Promise<ImageScan> {
    return this.#get(`/image-scans/${encodeURIComponent(id)}`);
  }

  scanImage(id: string): Promise<ImageScan> {
    return this.#post(`/image-scans/${encodeURIComponent(id)}/scan`);
  }

  listTags(id: string, options: TagListOptions = {}): Promise<TagList> {
    return this.#get(`/image-scans/${encodeURIComponent(id)}/tags`, {
      ...options,
    });
  }

  previewPolicy(request: PolicyPreviewRequest): Promise<PolicyPreview> {
    return this.#post('/policies/preview', request);
  }

  listUpdates(options: UpdateListOptions = {}): Promise<UpdateList> {
    return this.#get('/updates', { ...options });
  }

  listDecisions(options: DecisionListOptions = {}): Promise<DecisionList> {
    return this.#get('/decisions', { ...options });
  }

  getDecision(id: string): Promise<Decision> {
    return this.#get(`/decisions/${encodeURIComponent(id)}`);
  }

  decide(request: DecisionRequest): Promise<Decision> {
    return this.#post('/decisions', request);
  }

  decideOnScans(request: DecisionsRequest): Promise<DecisionList> {
    return this.#post('/decisions', request);
  }

  releaseDecision(
    id: string,
    release: DecisionRelease = {},
  ): Promise<Decision> {
    return this.#post(`/decisions/${encodeURIComponent(id)}/release`, release);
  }

  #get<T>(path: string, query: Record<string, QueryValue> = {}): Promise<T> {
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) {
        parameters.set(name, String(value));
      }
    }
    const search = parameters.toString();
    return this.#request<T>(search ? `${path}?${search}` : path);
  }

  #post<T>(path: string, body: object = {}): Promise<T> {
    return this.#request<T>(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  async #request<T>(path: string, init?: RequestInit): Promise<T> {
    const baseUrl = await this.#discoveryApi.getBaseUrl('image-scan');
    const response = await this.#fetchApi.fetch(`${baseUrl}${path}`, init);
    if (!response.ok) {
      throw await ResponseError.fromResponse(response);
    }
    return response.json();
  }
}
