import {
  ScaffolderFieldExtensions,
  useCustomFieldExtensions,
} from '@backstage/plugin-scaffolder-react';
import { renderInTestApp } from '@backstage/test-utils';
import { screen } from '@testing-library/react';
import { ImageScanPickerFieldExtension } from '../legacy';

/** What the scaffolder of an old app finds in its `ScaffolderPage`. */
function Fields() {
  const fields = useCustomFieldExtensions(
    <ScaffolderFieldExtensions>
      <ImageScanPickerFieldExtension />
    </ScaffolderFieldExtensions>,
  );
  return (
    <>
      {fields.map(({ name, schema }) => (
        <p key={name}>
          {name}: {Object.keys(schema?.returnValue.properties ?? {}).join(', ')}
        </p>
      ))}
    </>
  );
}

describe('ImageScanPickerFieldExtension', () => {
  it('makes the field known to the scaffolder of an old app', async () => {
    await renderInTestApp(<Fields />);
    expect(
      screen.getByText('ImageScanPicker: gitRepo, tagNames'),
    ).toBeInTheDocument();
  });
});
