import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { MockImageScanApi } from '../../../dev/__data__/MockImageScanApi';
import { imageScan, scansInEveryState } from '../../../dev/__data__/imageScans';
import { renderPage } from '../../__testUtils__';
import { EntityImages } from './EntityImages';

function renderTab(
  options: { api?: MockImageScanApi; path?: string; denied?: string[] } = {},
) {
  const api = options.api ?? new MockImageScanApi(scansInEveryState());
  renderPage(<EntityImages />, {
    ...options,
    api,
    mountPath: '/test-tab/*',
    path: options.path ?? '/test-tab',
  });
  return api;
}

const location = () => screen.getByTestId('location').textContent;

const images = () =>
  within(screen.getByRole('grid', { name: 'Images' }))
    .getAllByRole('rowheader')
    .map(header => within(header).getByRole('link').textContent);

describe('EntityImages', () => {
  it('shows the images, the one that needs a person most first', async () => {
    renderTab();
    await screen.findByRole('link', { name: 'ghcr.io/example/mail' });
    expect(images()).toHaveLength(6);
    expect(images()[0]).toContain('redis');
    expect(
      screen.getByRole('radio', { name: 'Update available 1' }),
    ).toBeInTheDocument();
  });

  it('keeps the state filter in the URL', async () => {
    renderTab();
    await userEvent.click(await screen.findByRole('radio', { name: 'Held 1' }));
    expect(location()).toBe('/test-tab?state=held');
    await waitFor(() =>
      expect(images()).toEqual(['registry.example.com/shop/api']),
    );
    await userEvent.click(screen.getByRole('radio', { name: 'All 6' }));
    expect(location()).toBe('/test-tab');
  });

  it('keeps the text searched for in the URL', async () => {
    renderTab();
    await userEvent.type(
      await screen.findByRole('searchbox', { name: 'Search images' }),
      'mail',
    );
    await waitFor(() => expect(location()).toBe('/test-tab?search=mail'));
    await waitFor(() => expect(images()).toEqual(['ghcr.io/example/mail']));
  });

  it('keeps the order in the URL', async () => {
    const api = renderTab();
    const list = jest.spyOn(api, 'listImageScans');
    await userEvent.click(
      await screen.findByRole('columnheader', { name: 'Image' }),
    );
    await waitFor(() =>
      expect(location()).toBe('/test-tab?orderBy=image&order=asc'),
    );
    expect(list).toHaveBeenLastCalledWith(
      expect.objectContaining({ orderBy: { field: 'image', order: 'asc' } }),
    );
    await waitFor(() => expect(images()[0]).toBe('ghcr.io/example/mail'));
  });

  it('starts from what the URL says and ignores nonsense in it', async () => {
    const api = new MockImageScanApi(scansInEveryState());
    const list = jest.spyOn(api, 'listImageScans');
    renderTab({
      api,
      path: '/test-tab?state=error&search=redis&orderBy=evil&limit=7&offset=-3',
    });
    await waitFor(() => expect(images()).toHaveLength(1));
    expect(list).toHaveBeenCalledWith({
      entityRef: 'component:default/shop',
      state: 'error',
      search: 'redis',
      orderBy: { field: 'state', order: 'asc' },
      limit: 25,
      offset: 0,
    });
    expect(screen.getByRole('searchbox')).toHaveValue('redis');
  });

  it('pages through a long list', async () => {
    renderTab({
      api: new MockImageScanApi(
        Array.from({ length: 60 }, (_, index) =>
          imageScan({ id: `${index}`, image: `image-${index}` }),
        ),
      ),
    });
    expect(await screen.findByText('1–25 of 60')).toBeInTheDocument();
    await userEvent.click(
      screen.getByRole('button', { name: 'Next table page' }),
    );
    expect(await screen.findByText('26–50 of 60')).toBeInTheDocument();
    expect(location()).toBe('/test-tab?offset=25');
  });

  it('goes back to the first page when the list has become shorter', async () => {
    renderTab({ path: '/test-tab?offset=500' });
    await waitFor(() => expect(location()).toBe('/test-tab'));
    await waitFor(() => expect(images()).toHaveLength(6));
  });

  it('offers to clear filters that nothing matches', async () => {
    renderTab({ path: '/test-tab?search=nothing' });
    expect(await screen.findByText('No image matches.')).toBeInTheDocument();
    await userEvent.click(
      screen.getByRole('button', { name: 'Clear filters' }),
    );
    await waitFor(() => expect(images()).toHaveLength(6));
    expect(screen.getByRole('searchbox')).toHaveValue('');
  });

  it('opens the details of an image at their own URL, and goes back', async () => {
    renderTab();
    await userEvent.click(
      await screen.findByRole('link', {
        name: 'registry.example.com/shop/web',
      }),
    );
    await waitFor(() => expect(location()).toBe('/test-tab/scans/web'));
    await userEvent.click(
      await screen.findByRole('link', { name: 'All images' }),
    );
    await waitFor(() => expect(location()).toBe('/test-tab'));
  });

  it('updates the images of the entity only', async () => {
    const api = renderTab();
    api.scans = [
      ...api.scans,
      imageScan({ id: 'elsewhere', gitRepo: 'infra', image: 'elsewhere' }),
    ];
    await userEvent.click(
      await screen.findByRole('button', { name: 'Update now' }),
    );
    await screen.findByText('2 values, 2 files');
    expect(api.updateRequests[0].imageScanIds).toEqual(
      expect.arrayContaining(['web', 'mail']),
    );
    expect(api.updateRequests[0].imageScanIds).not.toContain('elsewhere');
  });

  it('reads git again now, and shows why it could not', async () => {
    const api = renderTab();
    const sync = jest
      .spyOn(api, 'syncGitRepo')
      .mockRejectedValueOnce(new Error('git is down'));
    await userEvent.click(
      await screen.findByRole('button', { name: 'Check now' }),
    );
    expect(sync).toHaveBeenCalledWith('shop');
    expect(await screen.findByRole('alert')).toHaveTextContent('git is down');
    await userEvent.click(screen.getByRole('button', { name: 'Dismiss' }));
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
  });

  it('says why there are none', async () => {
    const api = new MockImageScanApi([]);
    api.entity = { source: 'none', paths: [] };
    renderTab({ api });
    expect(
      await screen.findByText('No git repository is known for this entity'),
    ).toBeInTheDocument();
  });

  it('says why it cannot load', async () => {
    const api = new MockImageScanApi();
    jest.spyOn(api, 'listImageScans').mockRejectedValue(new Error('down'));
    renderTab({ api });
    expect(await screen.findByRole('alert')).toHaveTextContent('down');
  });
});
