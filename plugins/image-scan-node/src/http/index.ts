export { createHttpTransport } from './HttpTransport';
export type { HttpTransportOptions } from './HttpTransport';
export type { HttpRequest, HttpResponse, HttpTransport } from './exchange';
export { HttpError } from './HttpError';
export type { HttpErrorCategory } from './HttpError';
export { readBody } from './body';
export { requestFollowingRedirects } from './redirects';
export { isPublicAddress } from './addresses';
