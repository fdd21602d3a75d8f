import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { MockImageScanApi } from '../../../dev/__data__/MockImageScanApi';
import {
  imageScan,
  minutesFromNow,
  scansInEveryState,
  tags,
} from '../../../dev/__data__/imageScans';
import { renderPage } from '../../__testUtils__';
import { ImageScanDetails } from './ImageScanDetails';

function renderDetails(
  id: string,
  options: { api?: MockImageScanApi; tab?: string; denied?: string[] } = {},
) {
  const api = options.api ?? new MockImageScanApi(scansInEveryState());
  renderPage(<ImageScanDetails base="/list" />, {
    api,
    denied: options.denied,
    mountPath: '/list/scans/:id',
    path: `/list/scans/${id}${options.tab ? `?tab=${options.tab}` : ''}`,
  });
  return api;
}

describe('ImageScanDetails', () => {
  it('shows what is known about a scan', async () => {
    renderDetails('web');
    expect(
      await screen.findByRole('heading', {
        name: 'registry.example.com/shop/web',
      }),
    ).toBeInTheDocument();
    expect(screen.getByText('Update available')).toBeInTheDocument();
    expect(screen.getByText('semver ^1.2')).toBeInTheDocument();
    expect(screen.getByText('every 5 min')).toBeInTheDocument();
    expect(screen.getByText('apps/web/values.yaml:3')).toBeInTheDocument();
    expect(screen.getByText('1.3.0 → 1.4.2')).toBeInTheDocument();
    expect(screen.getByText(/^sha256:0123/)).toBeInTheDocument();
  });

  it('says what waits for a window', async () => {
    const scan = imageScan({
      state: 'update-available',
      latestTag: '1.4.2',
      window: { until: minutesFromNow(300) },
    });
    renderDetails(scan.id, { api: new MockImageScanApi([scan]) });
    expect(
      await screen.findByText(/^1.4.2 waits for the window, until /),
    ).toBeInTheDocument();
    expect(
      screen.getByText('Outside of it only people write.'),
    ).toBeInTheDocument();
  });

  it('shows why each tag was or was not chosen', async () => {
    renderDetails('web');
    const table = within(await screen.findByRole('grid', { name: 'Tags' }));
    const row = within(await table.findByRole('row', { name: '1.5.0-rc.1' }));
    expect(row.getByText('Pre-release')).toBeInTheDocument();
    expect(
      row.getByText('pre-release; write ^1.2-0 to allow'),
    ).toBeInTheDocument();
    expect(table.getAllByRole('rowheader')).toHaveLength(tags.length);
  });

  it('finds tags by text', async () => {
    renderDetails('web');
    await userEvent.type(
      await screen.findByRole('searchbox', { name: 'Search tags' }),
      'rc',
    );
    await waitFor(() =>
      expect(screen.getAllByRole('rowheader')).toHaveLength(1),
    );
    await userEvent.type(screen.getByRole('searchbox'), 'zzz');
    expect(await screen.findByText('No tag matches.')).toBeInTheDocument();
  });

  it('keeps the open tab in the URL', async () => {
    renderDetails('web');
    await userEvent.click(
      await screen.findByRole('tab', { name: 'Problems (2)' }),
    );
    expect(screen.getByTestId('location')).toHaveTextContent(
      '/list/scans/web?tab=problems',
    );
    expect(
      await screen.findByText('apps/web/kustomization.yaml:12'),
    ).toBeInTheDocument();
    expect(screen.getByText(/alphabetical is ignored/)).toBeInTheDocument();
  });

  it('shows the error in the words of the registry and the time of the next try', async () => {
    renderDetails('cache', { tab: 'error' });
    const panel = within(await screen.findByRole('tabpanel'));
    expect(panel.getByText(/429 Too Many Requests/)).toBeInTheDocument();
    expect(
      panel.getByText('Seen 1 minute ago. Next try in 3 minutes.'),
    ).toBeInTheDocument();
  });

  it('shows why the last update could not be written', async () => {
    renderDetails('web', {
      tab: 'error',
      api: new MockImageScanApi([
        imageScan({
          updateError: {
            message: 'protected branch',
            time: minutesFromNow(-5),
          },
        }),
      ]),
    });
    expect(await screen.findByText('protected branch')).toBeInTheDocument();
  });

  it('shows the history', async () => {
    renderDetails('web', { tab: 'history' });
    // Both of an image's markers: one is the image, one its tag alone.
    const steps = await screen.findAllByText('web: 1.3.0 → 1.4.2');
    expect(steps).toHaveLength(2);
    expect(steps[0]).toHaveAttribute(
      'title',
      'web: registry.example.com/shop/web:1.3.0 → registry.example.com/shop/web:1.4.2',
    );
    expect(
      screen.getByText(/^web: registry\.example\.com\/shop\/web:1\.3\.0/),
    ).toBeInTheDocument();
    expect(screen.getByText('Schedule')).toBeInTheDocument();
  });

  it('warns of what is held', async () => {
    renderDetails('api');
    expect(
      await screen.findByText('Held: 2.0.0 would become 1.9.7'),
    ).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Update now' })).toBeEnabled();
  });

  it('checks the image now and shows the result at once', async () => {
    const api = renderDetails('jobs');
    jest.spyOn(api, 'scanImage').mockImplementation(async () => {
      api.scans = [imageScan({ id: 'jobs', latestTag: '20250101-abc' })];
      return api.scans[0];
    });
    await userEvent.click(
      await screen.findByRole('button', { name: 'Check now' }),
    );
    expect(await screen.findByText('20250101-abc')).toBeInTheDocument();
    expect(screen.getByText('Up to date')).toBeInTheDocument();
  });

  it('says why a check failed', async () => {
    const api = renderDetails('web');
    jest.spyOn(api, 'scanImage').mockRejectedValue(new Error('too early'));
    await userEvent.click(
      await screen.findByRole('button', { name: 'Check now' }),
    );
    expect(await screen.findByRole('alert')).toHaveTextContent('too early');
  });

  it('says that a registry has never answered, and when it is asked again', async () => {
    renderDetails('web', {
      api: new MockImageScanApi([
        imageScan({
          state: 'error',
          lastScanTime: undefined,
          error: {
            message: 'unauthorized',
            time: minutesFromNow(-1),
            retryTime: minutesFromNow(4.5),
          },
        }),
      ]),
    });
    expect(
      await screen.findByText('no answer yet, next try in 4 minutes'),
    ).toBeInTheDocument();
  });

  it('does not call the tag in git the latest when the registry has not answered for long', async () => {
    renderDetails('jobs');
    expect(
      await screen.findByRole('button', { name: 'Update now' }),
    ).toHaveAccessibleDescription(
      'Nothing to write: git has the last tag that was chosen.',
    );
  });

  it('says why there is nothing to update', async () => {
    renderDetails('mail');
    const button = await screen.findByRole('button', { name: 'Update now' });
    expect(button).toBeDisabled();
    expect(button).toHaveAccessibleDescription(
      'Nothing to write: git has the latest tag.',
    );
  });

  it('says when a scan does not exist', async () => {
    renderDetails('gone');
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'No image scan has the id gone',
    );
    expect(screen.getByRole('link', { name: 'All images' })).toHaveAttribute(
      'href',
      '/list',
    );
  });
});
