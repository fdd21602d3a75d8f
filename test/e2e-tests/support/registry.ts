import { registryUrl } from '../../src/demo/addresses';
import { registryUser } from '../../src/demo/credentials';
import { nextTag } from '../../src/demo/nextTag';
import { listTags, pushImage } from '../../src/demo/pushImage';

/**
 * Pushes a tag that is newer than all others, as `npm run demo:push-tag` does.
 *
 * @returns the tag
 */
export async function pushNextTag(repository: string): Promise<string> {
  const target = { registryUrl, repository, ...registryUser };
  const tag = nextTag(await listTags(target));
  await pushImage(target, tag);
  return tag;
}
