/*
 * What `npm run demo:push-tag [image] [tag]` runs: pushes a tag to the registry
 * of the running demo, by default the next one of shop/web.
 */
import { registryUrl } from './addresses';
import { checkDemoRuns } from './checkDemoRuns';
import { registryUser } from './credentials';
import { nextTag } from './nextTag';
import { listTags, pushImage, type PushTarget } from './pushImage';
import { DEFAULT_IMAGE, demoImages } from './samples';

async function main([repository = DEFAULT_IMAGE, tag]: string[]) {
  if (!(repository in demoImages)) {
    const known = Object.keys(demoImages).join(', ');
    throw new Error(`The demo has no image ${repository}; it has ${known}`);
  }
  const target: PushTarget = { registryUrl, repository, ...registryUser };
  await checkDemoRuns(registryUrl);
  const pushed = tag ?? nextTag(await listTags(target));
  const digest = await pushImage(target, pushed);
  console.log(`Pushed ${new URL(registryUrl).host}/${repository}:${pushed}`);
  console.log(digest);
}

main(process.argv.slice(2)).catch(error => {
  console.error(`${error}`);
  process.exitCode = 1;
});
