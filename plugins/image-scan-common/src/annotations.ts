/** Names the git repo whose scans belong to an entity. @public */
export const GIT_REPO_ANNOTATION = 'image-scan/git-repo';

/**
 * Narrows them to folders of that repository, separated by commas; without it
 * the whole repository counts.
 *
 * @public
 */
export const PATH_ANNOTATION = 'image-scan/path';
