import { InputError } from '@backstage/errors';
import type { ImageScanApi } from 'backstage-plugin-image-scan-common';
import type { DefinitionScope } from 'backstage-plugin-image-scan-node';
import { backendError } from '../createClient';
import {
  chooseGivenImages,
  type ImagesInput,
  parseImages,
} from './givenImages';
import { chooseScannedImages, listAllScans } from './gitRepoImages';
import type { WorkspaceContents } from './readWorkspace';
import type { Choice } from './types';

/** Where the images come from. */
export interface ImageSource {
  /** Folders and definitions that count. */
  scope(): Promise<DefinitionScope>;
  choose(contents: WorkspaceContents): Promise<Choice>;
}

/** @throws InputError unless exactly one of gitRepo and images is given */
export function createImageSource(
  input: { gitRepo?: string; images?: ImagesInput },
  openClient: () => ImageScanApi,
): ImageSource {
  const { gitRepo, images } = input;
  if (gitRepo !== undefined && images === undefined) {
    return scannedImages(gitRepo, openClient());
  }
  if (images !== undefined && gitRepo === undefined) {
    const given = parseImages(images);
    return {
      scope: async () => ({ paths: ['.'] }),
      choose: async ({ manifests }) => chooseGivenImages(manifests, given),
    };
  }
  throw new InputError('Give exactly one of gitRepo and images');
}

function scannedImages(gitRepo: string, client: ImageScanApi): ImageSource {
  return {
    scope: () => ask(() => client.getGitRepo(gitRepo)),
    choose: ({ manifests, entries }) =>
      ask(async () =>
        chooseScannedImages(
          manifests,
          await listAllScans(client, gitRepo),
          entries,
        ),
      ),
  };
}

async function ask<T>(question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch (error) {
    throw backendError(error);
  }
}
