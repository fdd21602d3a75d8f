import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { MockImageScanApi } from '../../../dev/__data__/MockImageScanApi';
import {
  scansInEveryState,
  webChanges,
} from '../../../dev/__data__/imageScans';
import { renderPage } from '../../__testUtils__';
import { UpdateButton } from './UpdateButton';
import type { UpdateScope } from './updateScope';

const WEB: UpdateScope = { gitRepo: 'shop', imageScanId: 'web' };

async function openDialog(options: {
  scope?: UpdateScope;
  api?: MockImageScanApi;
  onWritten?: () => void;
}) {
  const api = options.api ?? new MockImageScanApi(scansInEveryState());
  renderPage(
    <UpdateButton
      scope={options.scope ?? WEB}
      onWritten={options.onWritten ?? (() => {})}
    />,
    { api },
  );
  await userEvent.click(
    await screen.findByRole('button', { name: 'Update now' }),
  );
  return { api, dialog: within(await screen.findByRole('dialog')) };
}

describe('UpdateDialog', () => {
  it('shows what would be written, writes exactly that and links to the commit', async () => {
    const onWritten = jest.fn();
    const { api, dialog } = await openDialog({ onWritten });

    const values = within(
      await dialog.findByRole('region', {
        name: 'Changes of apps/web/values.yaml',
      }),
    );
    expect(values.getByText(/^\+ tag: 1\.4\.2/)).toBeInTheDocument();
    expect(dialog.getByText('main')).toBeInTheDocument();
    expect(dialog.getByText('update image')).toBeInTheDocument();
    expect(dialog.getByText('2 values, 2 files')).toBeInTheDocument();

    await userEvent.click(
      dialog.getByRole('button', { name: 'Commit and push' }),
    );
    const link = await dialog.findByRole('link', { name: 'Commit 4be1c0ff' });
    expect(link).toHaveAttribute(
      'href',
      expect.stringContaining('https://git.example.com/org/shop/commit/4be1'),
    );
    expect(dialog.getByText('Pushed to main')).toBeInTheDocument();
    expect(onWritten).toHaveBeenCalledTimes(1);
    expect(api.updateRequests).toEqual([
      { tagNames: ['web'], dryRun: true },
      { tagNames: ['web'], plan: 'plan-1' },
    ]);
    await userEvent.click(dialog.getAllByRole('button', { name: 'Close' })[1]);
    await waitFor(() =>
      expect(screen.queryByRole('dialog')).not.toBeInTheDocument(),
    );
  });

  it('shows what changed when the preview does not hold any more, and pushes the new one', async () => {
    const { api, dialog } = await openDialog({});
    const confirm = await dialog.findByRole('button', {
      name: 'Commit and push',
    });
    await dialog.findByText('2 values, 2 files');
    const [image, tag] = webChanges;
    api.pending = {
      ...api.pending,
      changes: [image, { ...tag, to: '1.4.3' }],
      plan: 'plan-2',
    };

    await userEvent.click(confirm);
    const alert = await dialog.findByRole('alert');
    expect(alert).toHaveTextContent('nothing was pushed');
    expect(alert).toHaveTextContent(
      'Now different: apps/web/values.yaml:3: 1.3.0 → 1.4.3 (was 1.3.0 → 1.4.2)',
    );

    await userEvent.click(
      dialog.getByRole('button', { name: 'Commit and push' }),
    );
    expect(await dialog.findByText('Pushed to main')).toBeInTheDocument();
    expect(api.updateRequests.map(({ plan }) => plan)).toEqual([
      undefined,
      'plan-1',
      undefined,
      'plan-2',
    ]);
  });

  it('says when only the branch moved', async () => {
    const { api, dialog } = await openDialog({});
    await dialog.findByText('2 values, 2 files');
    api.pending = { ...api.pending, plan: 'plan-2' };
    await userEvent.click(
      dialog.getByRole('button', { name: 'Commit and push' }),
    );
    expect(await dialog.findByRole('alert')).toHaveTextContent(
      'what would be written is still the same',
    );
  });

  it('shows why a push failed and lets the user try again', async () => {
    const { api, dialog } = await openDialog({});
    await dialog.findByText('2 values, 2 files');
    jest
      .spyOn(api, 'updateGitRepo')
      .mockRejectedValueOnce(new Error('git.example.com answered 503'));
    await userEvent.click(
      dialog.getByRole('button', { name: 'Commit and push' }),
    );
    expect(await dialog.findByRole('alert')).toHaveTextContent(
      'git.example.com answered 503',
    );
    await userEvent.click(
      dialog.getByRole('button', { name: 'Commit and push' }),
    );
    expect(await dialog.findByText('Pushed to main')).toBeInTheDocument();
  });

  it('shows why there is no preview and lets the user try again', async () => {
    const api = new MockImageScanApi(scansInEveryState());
    jest
      .spyOn(api, 'updateGitRepo')
      .mockRejectedValueOnce(new Error('no such branch'));
    const { dialog } = await openDialog({ api });
    expect(await dialog.findByRole('alert')).toHaveTextContent(
      'no such branch',
    );
    await userEvent.click(dialog.getByRole('button', { name: 'Try again' }));
    expect(await dialog.findByText('2 values, 2 files')).toBeInTheDocument();
  });

  it('releases a held change on demand only, with both versions named', async () => {
    const { api, dialog } = await openDialog({
      scope: { gitRepo: 'shop', imageScanId: 'api' },
    });
    expect(
      await dialog.findByText('Held: going back from 2.0.0 to 1.9.7'),
    ).toBeInTheDocument();
    expect(
      dialog.getByText('Nothing to write but what is held.'),
    ).toBeInTheDocument();
    expect(
      dialog.getByRole('button', { name: 'Commit and push' }),
    ).toBeDisabled();
    expect(api.updateRequests).toEqual([]);

    await userEvent.click(
      dialog.getByRole('checkbox', {
        name: 'Write 1.9.7 of api in place of 2.0.0',
      }),
    );
    await dialog.findByText('2 values, 2 files');
    await userEvent.click(
      dialog.getByRole('button', { name: 'Commit and push' }),
    );
    await dialog.findByText('Pushed to main');
    expect(api.updateRequests).toEqual([
      { tagNames: ['api'], allowDowngrade: true, dryRun: true },
      { tagNames: ['api'], allowDowngrade: true, plan: 'plan-1' },
    ]);
  });

  it('shows what is left alone, and has nothing to confirm', async () => {
    const api = new MockImageScanApi(scansInEveryState());
    api.pending = {
      changes: [],
      scans: [],
      diff: '',
      plan: 'plan-1',
      problems: [
        { file: 'apps/x.yaml', line: 7, message: 'the scan has no result' },
      ],
    };
    const { dialog } = await openDialog({ api });
    expect(await dialog.findByText('apps/x.yaml:7')).toBeInTheDocument();
    expect(dialog.getByText('the scan has no result')).toBeInTheDocument();
    expect(
      dialog.getByRole('button', { name: 'Commit and push' }),
    ).toBeDisabled();
  });

  it('says why it cannot be opened without the permission', async () => {
    renderPage(
      <UpdateButton scope={{ gitRepo: 'locked' }} onWritten={() => {}} />,
      {
        api: new MockImageScanApi(),
        denied: ['image-scan.git-repo.update'],
      },
    );
    await screen.findByText('You are not allowed to write to locked.');
    const button = screen.getByRole('button', { name: 'Update now' });
    expect(button).toBeDisabled();
    expect(button).toHaveAccessibleDescription(
      'You are not allowed to write to locked.',
    );
  });
});
