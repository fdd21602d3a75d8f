import { createFormField } from '@backstage/plugin-scaffolder-react/alpha';
import { ImageScanPicker } from './ImageScanPicker';
import { imageScanPickerSchema } from './schema';
import { validatePicked } from './validatePicked';

/** The field `ImageScanPicker`, for apps of the new frontend system. */
export const imageScanPicker = createFormField({
  name: 'ImageScanPicker',
  component: ImageScanPicker,
  validation: validatePicked,
  schema: imageScanPickerSchema,
});
