/** @public */
export interface HttpRequest {
  method: string;
  /** https, or http for a host listed as insecure. Userinfo in it is not sent. */
  url: URL;
  headers?: Record<string, string>;
  body?: Buffer | AsyncIterable<Uint8Array>;
  /** Ends the exchange at any stage, also while the body is read. */
  signal?: AbortSignal;
  /** Milliseconds to a ready connection, TLS included; default 10 s. */
  connectTimeout?: number;
  /** Milliseconds of silence from the server; default 30 s. */
  idleTimeout?: number;
  /**
   * The request changes nothing, whatever its method: it is sent again where a
   * kept connection turns out to be closed before anything was answered. So are
   * GET and HEAD.
   */
  isRepeatable?: boolean;
  /** Asks for gzip; without it the server is asked for no encoding at all. */
  acceptGzip?: boolean;
}

/**
 * A response whose head has arrived. Its body must be read to the end or
 * discarded, else the connection is not free for the next request.
 *
 * @public
 */
export interface HttpResponse {
  /** The URL that was asked. */
  url: URL;
  status: number;
  /** Names in lower case; repeated headers are joined with `, `. */
  headers: Readonly<Record<string, string | undefined>>;
  /**
   * The body, once. Iterating throws an `HttpError` when it breaks off, stays
   * silent too long, is aborted, or has an encoding that was not asked for.
   */
  body: AsyncIterable<Buffer>;
  /** Gives up the rest of the body. */
  discard(): void;
}

/**
 * One way out for registries and git. Redirects are returned, not followed.
 * Throws `HttpError`.
 *
 * @public
 */
export interface HttpTransport {
  request(request: HttpRequest): Promise<HttpResponse>;
  /** Closes idle connections; exchanges under way are the callers' to abort. */
  close(): void;
}
