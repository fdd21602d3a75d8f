/**
 * The texts of the pages in other languages, as a module for apps of the new
 * frontend system.
 *
 * @packageDocumentation
 */
import {
  createFrontendModule,
  createTranslationResource,
} from '@backstage/frontend-plugin-api';
import { TranslationBlueprint } from '@backstage/plugin-app-react';
import { imageScanTranslationRef } from './translation';

/**
 * All translations; apps of the old frontend system pass this to `createApp`
 * as one of `__experimentalTranslations.resources`.
 *
 * @public
 */
export const imageScanTranslations = createTranslationResource({
  ref: imageScanTranslationRef,
  translations: {
    de: () => import('./translations/de'),
  },
});

/**
 * All translations, to be added to the features of an app.
 *
 * @public
 */
export default createFrontendModule({
  pluginId: 'app',
  extensions: [
    TranslationBlueprint.make({
      name: 'image-scan',
      params: { resource: imageScanTranslations },
    }),
  ],
});
