import type {
  BackstageCredentials,
  BackstageUserPrincipal,
} from '@backstage/backend-plugin-api';

/** Entity ref of a user, or the subject of a service. */
export function initiatorOf({ principal }: BackstageCredentials): string {
  if (isUser(principal)) {
    return principal.userEntityRef;
  }
  return typeof principal === 'object' &&
    principal !== null &&
    'subject' in principal
    ? String(principal.subject)
    : 'unknown';
}

/** Entity ref of a user; undefined for a service. */
export function personOf({
  principal,
}: BackstageCredentials): string | undefined {
  return isUser(principal) ? principal.userEntityRef : undefined;
}

function isUser(principal: unknown): principal is BackstageUserPrincipal {
  return (
    typeof principal === 'object' &&
    principal !== null &&
    'userEntityRef' in principal
  );
}
