export { createHttpTransport } from './HttpTransport';
export type {
  HttpRequest,
  HttpResponse,
  HttpTransport,
  HttpTransportOptions,
} from './HttpTransport';
export { HttpError } from './HttpError';
export type { HttpErrorCategory } from './HttpError';
export { readBody } from './body';
export { requestFollowingRedirects } from './redirects';
export { isPublicAddress } from './addresses';
