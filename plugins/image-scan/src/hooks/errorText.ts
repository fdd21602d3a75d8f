import { isError } from '@backstage/errors';

/**
 * What went wrong in the words of whoever raised it: a `ResponseError` wraps the
 * backend's own words in its `cause`.
 */
export function errorText(error: Error): string {
  return isError(error.cause) ? error.cause.message : error.message;
}

/** Whether the backend refused because something has changed since it was asked. */
export function isConflict(error: Error): boolean {
  return (
    error.name === 'ConflictError' ||
    (isError(error.cause) && error.cause.name === 'ConflictError') ||
    ('statusCode' in error && error.statusCode === 409)
  );
}
