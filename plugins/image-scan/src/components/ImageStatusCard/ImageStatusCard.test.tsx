import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { MockImageScanApi } from '../../../dev/__data__/MockImageScanApi';
import {
  decision,
  imageScan,
  minutesFromNow,
  scansInEveryState,
} from '../../../dev/__data__/imageScans';
import { renderPage } from '../../__testUtils__';
import { ImageStatusCard } from './ImageStatusCard';

async function findRow(image: string) {
  const rows = within(
    await screen.findByRole('list', { name: 'Images of this entity' }),
  ).getAllByRole('listitem');
  const [row] = rows.filter(
    item => within(item).queryByRole('link', { name: image }) !== null,
  );
  return within(row);
}

describe('ImageStatusCard', () => {
  it('shows the worst state, when images were checked and up to five of them', async () => {
    renderPage(<ImageStatusCard />, {
      api: new MockImageScanApi(scansInEveryState()),
    });
    expect(
      await screen.findByRole('img', { name: 'Overall: Error' }),
    ).toBeInTheDocument();
    const list = screen.getByRole('list', { name: 'Images of this entity' });
    expect(within(list).getAllByRole('listitem')).toHaveLength(5);
    expect(
      screen.getByText('Checked 3 hours ago, next in 2 minutes'),
    ).toBeInTheDocument();
    expect(screen.getByRole('link', { name: '1 more image' })).toHaveAttribute(
      'href',
      '/test-tab',
    );
  });

  it('shows the step, the kind of step, the policy, the state and the commit of an image', async () => {
    renderPage(<ImageStatusCard />, {
      api: new MockImageScanApi(scansInEveryState()),
    });
    const row = await findRow('shop/web');
    expect(row.getByText('1.3.0')).toBeInTheDocument();
    expect(row.getByText('1.4.2')).toBeInTheDocument();
    expect(row.getByText('minor')).toBeInTheDocument();
    expect(row.getByText('semver ^1.2')).toBeInTheDocument();
    expect(row.getByText('Update available')).toBeInTheDocument();
    expect(row.getByRole('link', { name: 'Commit 4be1c0ff' })).toHaveAttribute(
      'href',
      expect.stringContaining('https://git.example.com/org/shop/commit/'),
    );
    expect(row.getByRole('link', { name: 'shop/web' })).toHaveAttribute(
      'href',
      '/test-tab/scans/web',
    );
  });

  it('says who holds an image, and what is too young as yet', async () => {
    const hold = decision();
    renderPage(<ImageStatusCard />, {
      api: new MockImageScanApi([
        imageScan({
          state: 'held',
          currentTag: '1.3.0',
          change: 'minor',
          decisions: [hold],
          held: { from: '1.3.0', to: '1.4.2', reason: 'held', decision: hold },
        }),
        imageScan({
          id: 'mail',
          image: 'ghcr.io/example/mail',
          waiting: { tag: '1.5.0', until: minutesFromNow(3 * 24 * 60 - 1) },
        }),
      ]),
    });
    const held = await findRow('shop/web');
    expect(held.getByText(/^Held by/)).toHaveTextContent(
      /^Held by ada since .*: breaks checkout$/,
    );
    // A step forward, whoever holds it.
    expect(held.getByText('minor')).toBeInTheDocument();
    const waiting = await findRow('example/mail');
    expect(waiting.getByText('1.5.0 in 2 days')).toBeInTheDocument();
  });

  it('says what waits for a window, and until when', async () => {
    const until = minutesFromNow(300);
    const waiting = imageScan({
      state: 'update-available',
      latestTag: '1.4.2',
      window: { until },
    });
    const open = { ...waiting, id: 'mail', image: 'ghcr.io/example/mail' };
    renderPage(<ImageStatusCard />, {
      api: new MockImageScanApi([waiting, { ...open, window: {} }]),
    });
    const time = new Intl.DateTimeFormat('en', { timeStyle: 'short' });
    const row = await findRow('shop/web');
    expect(row.getByText(/waits for the window/)).toHaveTextContent(
      `1.4.2 waits for the window, until `,
    );
    expect(row.getByText(/waits for the window/)).toHaveTextContent(
      time.format(new Date(until)).replace(/\s/g, ' '),
    );
    const other = await findRow('example/mail');
    expect(other.getByText('1.4.2 waits for the window')).toBeInTheDocument();
  });

  it.each([
    ['error', 'caching/redis-with-modules', 'Error'],
    ['held', 'shop/api', 'Held'],
    ['unknown', 'shop/jobs', 'Unknown since 3 hours ago'],
    ['suspended', 'nginx', 'Suspended'],
    ['up-to-date', 'example/mail', 'Up to date'],
  ])('shows the state %s in words', async (state, image, words) => {
    renderPage(<ImageStatusCard />, {
      api: new MockImageScanApi(
        scansInEveryState().filter(scan => scan.state === state),
      ),
    });
    expect((await findRow(image)).getByText(words)).toBeInTheDocument();
  });

  it('calls a step back a downgrade, whether it is held or meant', async () => {
    const [held] = scansInEveryState().filter(({ id }) => id === 'api');
    renderPage(<ImageStatusCard />, {
      api: new MockImageScanApi([
        held,
        imageScan({
          state: 'update-available',
          currentTag: '1.5.0',
          change: 'minor',
        }),
      ]),
    });
    expect(
      (await findRow('shop/api')).getByText('downgrade'),
    ).toBeInTheDocument();
    const meant = await findRow('shop/web');
    expect(meant.getByText('downgrade')).toBeInTheDocument();
    expect(meant.queryByText('minor')).not.toBeInTheDocument();
  });

  it.each([
    [{ state: 'unknown' as const }, 'Not checked yet'],
    [
      {
        state: 'error' as const,
        error: { message: 'unauthorized', time: minutesFromNow(-1) },
      },
      'No registry has answered yet, next try in 2 minutes',
    ],
  ])('says when nothing has been heard yet: %j', async (change, words) => {
    renderPage(<ImageStatusCard />, {
      api: new MockImageScanApi([
        imageScan({ ...change, lastScanTime: undefined }),
      ]),
    });
    expect(await screen.findByText(words)).toBeInTheDocument();
  });

  it('shows the error of a registry in its own words', async () => {
    renderPage(<ImageStatusCard />, {
      api: new MockImageScanApi(scansInEveryState()),
    });
    expect(
      await screen.findByText(/429 Too Many Requests: pull rate limit/),
    ).toBeInTheDocument();
  });

  it('checks the images and their git repo now', async () => {
    const api = new MockImageScanApi([
      imageScan(),
      imageScan({ id: 'off', suspend: true, state: 'suspended' }),
    ]);
    const sync = jest.spyOn(api, 'syncGitRepo');
    const scan = jest.spyOn(api, 'scanImage');
    renderPage(<ImageStatusCard />, { api });
    await userEvent.click(
      await screen.findByRole('button', { name: 'Check images now' }),
    );
    expect(await screen.findByText(/^Checked now/)).toBeInTheDocument();
    expect(sync).toHaveBeenCalledWith('shop');
    expect(scan.mock.calls).toEqual([['web']]);
  });

  it('says why images could not be checked', async () => {
    const api = new MockImageScanApi();
    jest.spyOn(api, 'scanImage').mockRejectedValue(new Error('not today'));
    renderPage(<ImageStatusCard />, { api });
    const button = await screen.findByRole('button', {
      name: 'Check images now',
    });
    await userEvent.click(button);
    await waitFor(() =>
      expect(button).toHaveAccessibleDescription(
        'That did not work: not today',
      ),
    );
  });

  it('says why the user can neither check nor update', async () => {
    renderPage(<ImageStatusCard />, {
      api: new MockImageScanApi([
        imageScan({ gitRepo: 'locked', state: 'update-available' }),
      ]),
      denied: ['image-scan.git-repo.scan', 'image-scan.git-repo.update'],
    });
    const update = await screen.findByRole('button', { name: 'Update now' });
    await waitFor(() =>
      expect(update).toHaveAccessibleDescription(
        'You are not allowed to write to locked.',
      ),
    );
    expect(update).toBeDisabled();
    const refresh = screen.getByRole('button', { name: 'Check images now' });
    expect(refresh).toBeDisabled();
    expect(refresh).toHaveAccessibleDescription(
      'You are not allowed to check images of locked.',
    );
  });

  it('keeps the dialog with its commit when nothing is left to update', async () => {
    renderPage(<ImageStatusCard />, {
      api: new MockImageScanApi([imageScan({ state: 'update-available' })]),
    });
    await userEvent.click(
      await screen.findByRole('button', { name: 'Update now' }),
    );
    await userEvent.click(
      await screen.findByRole('button', { name: 'Commit and push' }),
    );
    // On the card, behind the dialog.
    expect((await screen.findAllByText('Up to date')).length).toBeGreaterThan(
      0,
    );
    expect(screen.getByRole('dialog')).toHaveTextContent('Pushed to main');
  });

  it('shows that it is loading', async () => {
    const api = new MockImageScanApi();
    jest.spyOn(api, 'listImageScans').mockReturnValue(new Promise(() => {}));
    renderPage(<ImageStatusCard />, { api });
    expect(
      await screen.findByRole('status', { name: 'Loading' }),
    ).toBeInTheDocument();
  });

  it('shows why it cannot load, and tries again', async () => {
    const api = new MockImageScanApi();
    jest.spyOn(api, 'listImageScans').mockRejectedValueOnce(new Error('down'));
    renderPage(<ImageStatusCard />, { api });
    expect(await screen.findByRole('alert')).toHaveTextContent('down');
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(
      await screen.findByRole('link', { name: 'shop/web' }),
    ).toBeInTheDocument();
  });

  it('never says that a stale result is up to date', async () => {
    renderPage(<ImageStatusCard />, {
      api: new MockImageScanApi([
        imageScan({ state: 'unknown', staleSince: minutesFromNow(-60) }),
      ]),
    });
    expect(
      await screen.findByText('Unknown since 1 hour ago'),
    ).toBeInTheDocument();
    expect(screen.queryByText('Up to date')).not.toBeInTheDocument();
  });

  it.each([
    [
      { source: 'none' as const, paths: [] },
      'No git repository is known for this entity',
      'Copy annotations',
      /image-scan\/git-repo: my-repo/,
    ],
    [
      { source: 'none' as const, gitRepo: 'team:shop', paths: [] },
      'Git repository team:shop is not configured',
      'Copy configuration',
      /metadata: \{ name: shop, namespace: team \}/,
    ],
    [
      { source: 'none' as const, gitRepo: 'https://git.test/a/b', paths: [] },
      'Git repository https://git.test/a/b is not configured',
      'Copy configuration',
      /repo: https:\/\/git\.test\/a\/b/,
    ],
    [
      { source: 'annotation' as const, gitRepo: 'shop', paths: ['apps/web'] },
      'No image scans under apps/web of shop',
      'Copy imageScans block',
      /imageScans:/,
    ],
    [
      { source: 'source-location' as const, gitRepo: 'shop', paths: ['.'] },
      'No image scans under the root of shop',
      'Copy imageScans block',
      /\{"\$imagescan": "web"\}/,
    ],
  ])('says why there is nothing: %j', async (entity, title, copy, text) => {
    const api = new MockImageScanApi([]);
    api.entity = entity;
    const user = userEvent.setup();
    const write = jest.spyOn(navigator.clipboard, 'writeText');
    renderPage(<ImageStatusCard />, { api });
    expect(await screen.findByText(title)).toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: copy }));
    expect(await screen.findByText('Copied')).toBeInTheDocument();
    expect(write).toHaveBeenCalledWith(expect.stringMatching(text));
  });
});
