/*
 * What `npm run demo:roll-back [image]` runs: reverts the last commit that wrote an
 * image in the git of the running demo, as a person would; by default of shop/web.
 */
import { demoPorts, gitUrl } from './addresses';
import { checkDemoRuns } from './checkDemoRuns';
import { DemoRepository } from './DemoRepository';
import { DEFAULT_IMAGE, demoImages } from './samples';

/** Which git repository has the images of a folder of the registry. */
const REPOSITORIES: Readonly<Record<string, string>> = {
  shop: 'storefront',
  payments: 'payments',
};

async function main([image = DEFAULT_IMAGE]: string[]) {
  const [folder] = image.split('/');
  const name = REPOSITORIES[folder];
  if (!name || !(image in demoImages)) {
    const known = Object.keys(demoImages).join(', ');
    throw new Error(`The demo has no image ${image}; it has ${known}`);
  }
  await checkDemoRuns(gitUrl);
  const repository = await DemoRepository.clone(name);
  try {
    const { commit, reverted } = await repository.revertLast(
      `127.0.0.1:${demoPorts.registry}/${image}`,
    );
    console.log(`Reverted ${reverted}`);
    console.log(`by ${repository.commitUrl(commit)}`);
  } finally {
    await repository.remove();
  }
}

main(process.argv.slice(2)).catch(error => {
  console.error(`${error}`);
  process.exitCode = 1;
});
