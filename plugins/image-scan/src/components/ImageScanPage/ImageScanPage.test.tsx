import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { GitRepoStatus } from 'backstage-plugin-image-scan-common';
import { MockImageScanApi } from '../../../dev/__data__/MockImageScanApi';
import {
  decision,
  gitRepo,
  imageScan,
  minutesFromNow,
  scansInEveryState,
  updateRecord,
} from '../../../dev/__data__/imageScans';
import { renderPage } from '../../__testUtils__';
import { ImageScanPageContent } from './ImageScanPage';

function renderContent(
  path: string,
  api = new MockImageScanApi(scansInEveryState()),
  denied?: string[],
) {
  renderPage(<ImageScanPageContent />, {
    api,
    denied,
    mountPath: '/test-page/*',
    path,
  });
  return api;
}

describe('ImageScanPageContent', () => {
  it('shows every scan with its git repo, and how many are in each state', async () => {
    renderContent('/test-page');
    expect(
      await screen.findByRole('radio', { name: 'All 6' }),
    ).toBeInTheDocument();
    expect(screen.getByRole('radio', { name: 'Error 1' })).toBeInTheDocument();
    expect(
      screen.getByRole('link', { name: 'ghcr.io/example/mail' }),
    ).toHaveAttribute('href', '/test-page/scans/mail');
  });

  it('shows the scans of one git repo, and goes back to all', async () => {
    renderContent(
      '/test-page?gitRepo=infra',
      new MockImageScanApi([
        imageScan({ id: 'a', image: 'image-a' }),
        imageScan({ id: 'b', image: 'image-b', gitRepo: 'infra' }),
      ]),
    );
    expect(
      await screen.findByRole('link', { name: 'image-b' }),
    ).toBeInTheDocument();
    expect(screen.queryByRole('link', { name: 'image-a' })).toBeNull();
    await userEvent.click(screen.getByRole('button', { name: 'Only infra' }));
    expect(
      await screen.findByRole('link', { name: 'image-a' }),
    ).toBeInTheDocument();
  });

  it('says when there are none', async () => {
    renderContent('/test-page', new MockImageScanApi([]));
    expect(
      await screen.findByText(/No image scans are known yet/),
    ).toBeInTheDocument();
  });

  it('leads to git repos and history', async () => {
    renderContent('/test-page');
    await userEvent.click(
      await screen.findByRole('link', { name: 'Git repositories' }),
    );
    expect(screen.getByTestId('location')).toHaveTextContent(
      '/test-page/git-repos',
    );
    expect(
      await screen.findByRole('region', { name: 'shop' }),
    ).toBeInTheDocument();
    await userEvent.click(screen.getByRole('link', { name: 'History' }));
    expect(
      await screen.findByRole('grid', { name: 'Updates' }),
    ).toBeInTheDocument();
  });

  it('takes an update back from the history', async () => {
    const api = renderContent('/test-page/history');
    const button = await screen.findByRole('button', {
      name: 'Revert commit 4be1c0ff',
    });
    await waitFor(() => expect(button).toBeEnabled());
    await userEvent.click(button);
    const dialog = within(
      await screen.findByRole('dialog', { name: 'Revert commit 4be1c0ff' }),
    );
    await dialog.findByText('2 values, 2 files');
    expect(api.updateRequests).toEqual([{ revert: '1', dryRun: true }]);
  });

  it('says that everything is held, with the way to release it', async () => {
    const everything = decision({
      gitRepo: undefined,
      imageScanId: undefined,
      tagName: undefined,
      image: undefined,
      reason: 'incident',
    });
    const api = new MockImageScanApi([imageScan({ decisions: [everything] })]);
    api.decisions = [everything];
    renderContent('/test-page', api);
    await userEvent.click(
      await screen.findByRole('button', { name: 'Release: Everything' }),
    );
    const dialog = within(await screen.findByRole('dialog'));
    expect(dialog.getByText(/^Everything is held by/)).toHaveTextContent(
      /: incident$/,
    );
    const release = dialog.getByRole('button', { name: 'Release' });
    await waitFor(() => expect(release).toBeEnabled());
    await userEvent.click(release);
    await waitFor(() => expect(api.decisions[0].ended?.how).toBe('released'));
  });

  it('opens the details of a scan', async () => {
    renderContent('/test-page/scans/web');
    expect(
      await screen.findByRole('heading', {
        name: 'registry.example.com/shop/web',
      }),
    ).toBeInTheDocument();
  });
});

describe('git repos', () => {
  it.each<[string, Partial<NonNullable<GitRepoStatus['window']>>, RegExp]>([
    [
      'closed',
      { until: '2026-03-04T12:00:00.000Z' },
      /^closed until Wed, Mar 4, .* \(allowed: mon-fri 09:00-16:00; Europe\/Berlin\)$/,
    ],
    [
      'open',
      { isOpen: true, deny: ['sun'] },
      /^open \(allowed: mon-fri 09:00-16:00; not allowed: sun; Europe\/Berlin\)$/,
    ],
  ])('say when their window is %s', async (_, window, expected) => {
    const api = new MockImageScanApi();
    api.gitRepos = [
      gitRepo({
        window: {
          timeZone: 'Europe/Berlin',
          allow: ['mon-fri 09:00-16:00'],
          deny: [],
          isOpen: false,
          ...window,
        },
      }),
    ];
    renderContent('/test-page/git-repos', api);
    expect(await screen.findByText(expected)).toBeInTheDocument();
  });

  it('shows head, times, errors and what does nothing', async () => {
    const api = new MockImageScanApi();
    api.gitRepos = [
      gitRepo({
        paused: true,
        error: {
          message: 'git answered 403',
          time: minutesFromNow(-2),
          retryTime: minutesFromNow(1.5),
        },
        updateError: { message: 'protected', time: minutesFromNow(-2) },
        problems: [
          { file: 'apps/x.yaml', line: 3, message: 'the marker is on a map' },
        ],
      }),
    ];
    renderContent('/test-page/git-repos', api);
    const card = within(await screen.findByRole('region', { name: 'shop' }));
    expect(card.getByText('Paused')).toBeInTheDocument();
    expect(card.getByText('git answered 403')).toBeInTheDocument();
    expect(card.getByText('protected')).toBeInTheDocument();
    expect(
      card.getByRole('link', { name: 'Commit 4be1c0ff' }),
    ).toBeInTheDocument();
    expect(card.getByRole('link', { name: '6 images' })).toHaveAttribute(
      'href',
      '/test-page?gitRepo=shop',
    );
    await userEvent.click(card.getByRole('button', { name: '1 problem' }));
    expect(card.getByText('apps/x.yaml:3')).toBeInTheDocument();
    expect(card.getByText('the marker is on a map')).toBeInTheDocument();
  });

  it('reads a git repo again now', async () => {
    const api = renderContent('/test-page/git-repos');
    const sync = jest.spyOn(api, 'syncGitRepo');
    await userEvent.click(
      await screen.findByRole('button', { name: 'Read shop again now' }),
    );
    expect(sync).toHaveBeenCalledWith('shop');
    expect(await screen.findByText('now')).toBeInTheDocument();
  });

  it('updates a whole git repo', async () => {
    const api = renderContent('/test-page/git-repos');
    await userEvent.click(
      await screen.findByRole('button', { name: 'Update shop' }),
    );
    await screen.findByText('2 values, 2 files');
    expect(api.updateRequests).toEqual([{ dryRun: true }]);
  });

  it('says why the user can neither read it nor update it', async () => {
    const api = new MockImageScanApi();
    api.gitRepos = [gitRepo({ name: 'closed' })];
    renderContent('/test-page/git-repos', api, [
      'image-scan.git-repo.scan',
      'image-scan.git-repo.update',
    ]);
    // In plain sight beside the update, and heard at what decides.
    expect(
      await screen.findAllByText('You are not allowed to write to closed.'),
    ).toHaveLength(2);
    const decide = screen.getByRole('button', { name: 'Decide about closed' });
    expect(decide).toBeDisabled();
    expect(decide).toHaveAccessibleDescription(
      'You are not allowed to write to closed.',
    );
    expect(
      screen.getByRole('button', { name: 'Read closed again now' }),
    ).toBeDisabled();
  });

  it('shows what to configure where there is none', async () => {
    const api = new MockImageScanApi([]);
    api.gitRepos = [];
    renderContent('/test-page/git-repos', api);
    expect(
      await screen.findByText('No git repository is configured.'),
    ).toBeInTheDocument();
    expect(screen.getByLabelText('configuration')).toHaveTextContent(
      'imageScan:',
    );
  });
});

describe('history', () => {
  it('shows who changed what, and more of it on demand', async () => {
    const api = new MockImageScanApi();
    const [change] = updateRecord().changes;
    api.updates = [
      updateRecord({
        initiator: 'user:default/ada',
        changes: Array.from({ length: 5 }, (_, index) => ({
          ...change,
          line: index + 1,
          tagName: `scan-${index}`,
        })),
      }),
      updateRecord({ id: '2', initiator: 'plugin:scaffolder' }),
    ];
    renderContent('/test-page/history', api);
    expect(await screen.findByRole('link', { name: /ada/ })).toHaveAttribute(
      'href',
      '/catalog/default/user/ada',
    );
    expect(screen.getByText('plugin:scaffolder')).toBeInTheDocument();
    expect(screen.queryByText(/^scan-4: 1/)).not.toBeInTheDocument();
    await userEvent.click(
      screen.getByRole('button', { name: '2 more changes' }),
    );
    await waitFor(() =>
      expect(screen.getByText(/^scan-4: 1/)).toBeInTheDocument(),
    );
  });

  it('says when nothing has been written', async () => {
    const api = new MockImageScanApi();
    api.updates = [];
    renderContent('/test-page/history', api);
    expect(
      await screen.findByText('Nothing has been written yet.'),
    ).toBeInTheDocument();
  });
});
