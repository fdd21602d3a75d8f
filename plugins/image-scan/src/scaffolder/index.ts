import { FormFieldBlueprint } from '@backstage/plugin-scaffolder-react/alpha';

/** Makes `ui:field: ImageScanPicker` known to templates. */
export const imageScanPickerFormField = FormFieldBlueprint.make({
  name: 'image-scan-picker',
  params: {
    field: () => import('./formField').then(m => m.imageScanPicker),
  },
});
