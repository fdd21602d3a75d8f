import { mockApis, renderTestApp } from '@backstage/frontend-test-utils';
import { createTestEntityPage } from '@backstage/plugin-catalog-react/testUtils';
import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { MockImageScanApi } from '../dev/__data__/MockImageScanApi';
import { entity } from '../dev/__data__/entity';
import { scansInEveryState } from '../dev/__data__/imageScans';
import { imageScanApiRef } from './api';
import imageScanPlugin from './plugin';

function renderApp(path: string) {
  return renderTestApp({
    features: [imageScanPlugin],
    extensions: [createTestEntityPage({ entity })],
    initialRouteEntries: [path],
    apis: [
      [imageScanApiRef, new MockImageScanApi(scansInEveryState())],
      mockApis.permission(),
    ],
  });
}

describe('the plugin in an app', () => {
  it('puts a card on the overview of an entity, and links it to the page', async () => {
    renderApp('/');
    expect(
      await screen.findByText('Container images', undefined, { timeout: 5000 }),
    ).toBeInTheDocument();
    expect(
      await screen.findByRole('link', { name: 'shop/web' }),
    ).toHaveAttribute('href', expect.stringMatching(/\/scans\/web$/));
  });

  it('has a page with everything', async () => {
    renderApp('/image-scan');
    await userEvent.click(
      await screen.findByRole(
        'link',
        { name: 'registry.example.com/shop/web' },
        { timeout: 5000 },
      ),
    );
    expect(
      await screen.findByRole('heading', {
        name: 'registry.example.com/shop/web',
      }),
    ).toBeInTheDocument();
  });
});
