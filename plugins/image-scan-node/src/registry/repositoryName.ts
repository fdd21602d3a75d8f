import type { ImageReference } from './imageReference';

/** The repository in the path of a URL of the API, such as that of a redirect. */
export function repositoryOf({ pathname }: URL): string | undefined {
  return /\/v2\/(.+)\/(?:tags\/list|manifests\/[^/]+)$/.exec(pathname)?.[1];
}

/**
 * Whether the name in an answer is that of the repository that was asked for, or of
 * the one where the registry's own redirect led.
 *
 * @remarks
 * Registries that serve several repositories under a prefix name theirs without the
 * prefix (Artifactory) or with one more (Nexus). One that stands for Docker Hub under a
 * prefix of one part may say the `library/` that Docker Hub has there, as Harbor puts
 * it into the path.
 */
export function isNameOf(
  named: string,
  image: ImageReference,
  redirected: string | undefined,
): boolean {
  return [image.repository, ...(redirected ? [redirected] : [])].some(
    asked => endsAs(named, asked) || isOfficialImage(named, asked, image),
  );
}

function endsAs(named: string, asked: string): boolean {
  return `/${named}`.endsWith(`/${asked}`) || `/${asked}`.endsWith(`/${named}`);
}

function isOfficialImage(
  named: string,
  asked: string,
  { registry }: ImageReference,
): boolean {
  const parts = asked.split('/');
  return (
    // Docker Hub itself says what it was asked for.
    registry !== 'index.docker.io' &&
    parts.length === 2 &&
    [`library/${parts[1]}`, `${parts[0]}/library/${parts[1]}`].includes(named)
  );
}
