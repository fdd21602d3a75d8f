import { HttpError } from './HttpError';
import type { HttpRequest, HttpResponse, HttpTransport } from './exchange';

const redirectStatuses = new Set([301, 302, 303, 307, 308]);

/**
 * Sends a GET or HEAD and follows redirects. `authorization` goes only to the
 * origin (scheme, host and port) that was asked first; another one gets what
 * `elsewhere` has for it, which must be none of the caller's secrets. A step from https to
 * http, one with userinfo and one without a usable Location are errors. Every
 * target passes the transport's checks.
 *
 * @param maxRedirects - more steps than this are an `HttpError` `invalid-response`
 * @public
 */
export async function requestFollowingRedirects(
  transport: HttpTransport,
  request: HttpRequest,
  maxRedirects = 5,
  elsewhere?: (url: URL) => string | undefined,
): Promise<HttpResponse> {
  const { origin, host } = request.url;
  let { url } = request;
  for (let step = 0; step <= maxRedirects; step++) {
    const headers = { ...request.headers };
    if (url.origin !== origin) {
      delete headers.authorization;
      const authorization = elsewhere?.(url);
      if (authorization !== undefined) {
        headers.authorization = authorization;
      }
    }
    const response = await transport.request({ ...request, url, headers });
    if (!redirectStatuses.has(response.status)) {
      return response;
    }
    response.discard();
    url = redirectTarget(url, response.headers.location);
  }
  throw new HttpError(
    'invalid-response',
    `${host} redirects more than ${maxRedirects} times`,
  );
}

function redirectTarget(from: URL, location: string | undefined): URL {
  const invalid = (reason: string) =>
    new HttpError('invalid-response', `${from.host} redirects ${reason}`);
  if (!location || !URL.canParse(location, from)) {
    throw invalid('without a usable Location');
  }
  const target = new URL(location, from);
  if (target.username || target.password) {
    throw invalid('to a URL with credentials');
  }
  if (from.protocol === 'https:' && target.protocol !== 'https:') {
    throw invalid(`away from https, to ${target.protocol.slice(0, 20)}`);
  }
  return target;
}
