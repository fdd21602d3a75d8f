import { createScaffolderFieldExtension } from '@backstage/plugin-scaffolder-react';
import { ImageScanPicker } from './ImageScanPicker';
import { imageScanPickerSchema } from './schema';
import { validatePicked } from './validatePicked';

/** Describes the field to `imageScanPlugin.provide` of the old frontend system. */
export const imageScanPickerFieldExtension = createScaffolderFieldExtension({
  name: 'ImageScanPicker',
  component: ImageScanPicker,
  validation: validatePicked,
  schema: imageScanPickerSchema.schema,
});
