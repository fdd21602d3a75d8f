import { mockApis } from '@backstage/frontend-test-utils';
import { EntityProvider } from '@backstage/plugin-catalog-react';
import { permissionApiRef } from '@backstage/plugin-permission-react';
import { TestApiProvider, renderInTestApp } from '@backstage/test-utils';
import { screen } from '@testing-library/react';
import { Route, Routes } from 'react-router-dom';
import { MockImageScanApi } from '../dev/__data__/MockImageScanApi';
import { entity } from '../dev/__data__/entity';
import { scansInEveryState } from '../dev/__data__/imageScans';
import {
  EntityImageStatusCard,
  EntityImagesContent,
  ImageScanPage,
  imageScanApiRef,
  imageScanPlugin,
} from './legacy';

async function renderInOldApp(element: JSX.Element) {
  await renderInTestApp(
    <TestApiProvider
      apis={[
        [imageScanApiRef, new MockImageScanApi(scansInEveryState())],
        [permissionApiRef, mockApis.permission()],
      ]}
    >
      <EntityProvider entity={entity}>{element}</EntityProvider>
    </TestApiProvider>,
    {
      mountedRoutes: {
        '/image-scan': imageScanPlugin.routes.root,
      },
    },
  );
}

describe('the plugin in an app of the old frontend system', () => {
  it('offers its API, its routes and its page', () => {
    expect(imageScanPlugin.getId()).toBe('image-scan');
    expect([...imageScanPlugin.getApis()].map(({ api }) => api.id)).toEqual([
      'plugin.image-scan.api',
    ]);
    expect(Object.keys(imageScanPlugin.routes)).toEqual([
      'root',
      'entityContent',
    ]);
  });

  it('shows the card', async () => {
    await renderInOldApp(<EntityImageStatusCard />);
    expect(
      await screen.findByRole('img', { name: 'Overall: Error' }),
    ).toBeInTheDocument();
  });

  it('shows the tab', async () => {
    await renderInOldApp(
      <Routes>
        <Route path="/*" element={<EntityImagesContent />} />
      </Routes>,
    );
    expect(
      await screen.findByRole('link', {
        name: 'registry.example.com/shop/web',
      }),
    ).toBeInTheDocument();
  });

  it('shows the page', async () => {
    await renderInOldApp(
      <Routes>
        <Route path="/*" element={<ImageScanPage />} />
      </Routes>,
    );
    expect(
      await screen.findByRole('link', { name: 'Git repositories' }),
    ).toBeInTheDocument();
  });
});
