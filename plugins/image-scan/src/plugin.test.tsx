import { mockApis, renderTestApp } from '@backstage/frontend-test-utils';
import { createTestEntityPage } from '@backstage/plugin-catalog-react/testUtils';
import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { MockImageScanApi } from '../dev/__data__/MockImageScanApi';
import { entity } from '../dev/__data__/entity';
import { scansInEveryState } from '../dev/__data__/imageScans';
import { imageScanApiRef } from './api';
import packageJson from '../package.json';
import imageScanPlugin from './index';

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
    expect(await screen.findByText('Container images')).toBeInTheDocument();
    expect(
      await screen.findByRole('link', { name: 'shop/web' }),
    ).toHaveAttribute('href', expect.stringMatching(/\/scans\/web$/));
  });

  it('has a tab on the page of an entity', async () => {
    renderApp('/');
    const grid = await screen.findByRole('grid', { name: 'Images' });
    expect(
      within(grid).getByRole('link', { name: 'registry.example.com/shop/web' }),
    ).toBeInTheDocument();
  });

  it('is in the navigation of the app', async () => {
    renderApp('/');
    const sidebar = within(
      await screen.findByRole('navigation', { name: 'sidebar nav' }),
    );
    expect(sidebar.getByRole('link', { name: 'Image Scan' })).toHaveAttribute(
      'href',
      '/image-scan',
    );
  });

  it('has a page with everything', async () => {
    renderApp('/image-scan');
    await userEvent.click(
      await screen.findByRole('link', {
        name: 'registry.example.com/shop/web',
      }),
    );
    expect(
      await screen.findByRole('heading', {
        name: 'registry.example.com/shop/web',
      }),
    ).toBeInTheDocument();
  });
});

// An app whose `app.packages` is `all` reads `package.json` of each of its
// dependencies, takes those of these roles and adds what `.` exports as default.
describe('the plugin in an app that discovers its packages', () => {
  it('is found by its manifest', () => {
    expect(packageJson.backstage.role).toBe('frontend-plugin');
    expect(packageJson.backstage.pluginId).toBe(imageScanPlugin.pluginId);
    expect(packageJson.exports).toMatchObject({
      '.': './src/index.ts',
      './package.json': './package.json',
    });
  });

  it('is the default export', () => {
    expect(imageScanPlugin.$$type).toBe('@backstage/FrontendPlugin');
  });
});
