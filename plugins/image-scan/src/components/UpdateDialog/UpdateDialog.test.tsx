import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { UpdateScan } from 'backstage-plugin-image-scan-common';
import { MockImageScanApi } from '../../../dev/__data__/MockImageScanApi';
import {
  decision,
  scansInEveryState,
  webChanges,
  webUpdate,
} from '../../../dev/__data__/imageScans';
import { renderPage } from '../../__testUtils__';
import { UpdateButton } from './UpdateButton';
import type { UpdateScope } from './updateScope';

const goingBack: UpdateScan = {
  imageScanId: 'api',
  tagName: 'api',
  path: 'apps/api',
  from: '2.0.0',
  to: '1.9.7',
  change: 'major',
  values: 0,
  notWritten: {
    cause: 'downgrade',
    reason: 'git has 2.0.0, which the policy orders above 1.9.7',
  },
};

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
    expect(dialog.getByLabelText('Commit message')).toHaveValue('update image');
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
      { imageScanIds: ['web'], dryRun: true },
      { imageScanIds: ['web'], plan: 'plan-1' },
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

  it('goes back on demand only, with both versions named', async () => {
    const api = new MockImageScanApi(scansInEveryState());
    api.pending.scans = [goingBack];
    const { dialog } = await openDialog({
      api,
      scope: { gitRepo: 'shop', imageScanId: 'api' },
    });
    const box = await dialog.findByRole('checkbox', {
      name: 'api: 2.0.0 → 1.9.7',
    });
    expect(box).not.toBeChecked();
    expect(
      dialog.getByText('git has 2.0.0, which the policy orders above 1.9.7'),
    ).toBeInTheDocument();
    expect(
      dialog.getByText('Nothing to write but what is held.'),
    ).toBeInTheDocument();
    expect(
      dialog.getByRole('button', { name: 'Commit and push' }),
    ).toBeDisabled();

    api.pending.changes = webChanges.map(change => ({
      ...change,
      imageScanId: 'api',
    }));
    await userEvent.click(box);
    await dialog.findByText('2 values, 2 files');
    await userEvent.click(
      dialog.getByRole('button', { name: 'Commit and push' }),
    );
    await dialog.findByText('Pushed to main');
    expect(api.updateRequests.slice(-2)).toEqual([
      { imageScanIds: ['api'], allowDowngrade: true, dryRun: true },
      { imageScanIds: ['api'], allowDowngrade: true, plan: 'plan-1' },
    ]);
  });

  it('writes of several images those that stay ticked', async () => {
    const api = new MockImageScanApi(scansInEveryState());
    api.pending.scans = [
      webUpdate,
      { ...webUpdate, imageScanId: 'mail', tagName: 'mail' },
    ];
    api.pending.changes = [
      ...webChanges,
      { ...webChanges[0], imageScanId: 'mail', file: 'apps/mail/x.yaml' },
    ];
    const { dialog } = await openDialog({ api, scope: { gitRepo: 'shop' } });
    await dialog.findByText('3 values, 3 files');

    await userEvent.click(
      dialog.getByRole('checkbox', { name: 'mail: 1.3.0 → 1.4.2' }),
    );
    await dialog.findByText('2 values, 2 files');
    await userEvent.click(
      dialog.getByRole('button', { name: 'Commit and push' }),
    );
    await dialog.findByText('Pushed to main');
    expect(api.updateRequests).toEqual([
      { dryRun: true },
      { dryRun: true },
      { imageScanIds: ['web'], dryRun: true },
      { imageScanIds: ['web'], plan: 'plan-1' },
    ]);
  });

  it('releases what somebody decided about one image, and nothing wider', async () => {
    const api = new MockImageScanApi(scansInEveryState());
    api.decisions = [
      decision(),
      decision({ id: 'hold-shop', imageScanId: undefined, reason: 'freeze' }),
    ];
    const heldBy = (id: string) =>
      ({
        cause: 'decision',
        reason: 'held',
        decision: { id, kind: 'hold' },
      } as const);
    api.pending.scans = [
      { ...webUpdate, values: 0, notWritten: heldBy('hold-web') },
      {
        ...webUpdate,
        imageScanId: 'mail',
        tagName: 'mail',
        values: 0,
        notWritten: heldBy('hold-shop'),
      },
    ];
    const { dialog } = await openDialog({ api, scope: { gitRepo: 'shop' } });
    expect(
      await dialog.findByRole('checkbox', { name: /^mail/ }),
    ).toBeDisabled();
    const [web, mail] = dialog.getAllByRole('listitem');
    expect(web).toHaveTextContent(/Held by ada since .*: breaks checkout/);
    expect(mail).toHaveTextContent(/All of shop is held by ada .*: freeze/);

    await userEvent.click(dialog.getByRole('checkbox', { name: /^web/ }));
    await dialog.findByText('2 values, 2 files');
    expect(api.updateRequests.pop()).toEqual({
      imageScanIds: ['web'],
      allowDowngrade: true,
      release: ['hold-web'],
      dryRun: true,
    });
  });

  it('takes another message, and shows what it does to the plan', async () => {
    const { api, dialog } = await openDialog({});
    const field = await dialog.findByLabelText('Commit message');
    api.pending = { ...api.pending, plan: 'plan-2' };
    await userEvent.clear(field);
    await userEvent.type(field, 'Checkout fixed');
    const confirm = dialog.getByRole('button', { name: 'Commit and push' });
    expect(confirm).toBeDisabled();
    await waitFor(() => expect(confirm).toBeEnabled());
    await userEvent.click(confirm);
    await dialog.findByText('Pushed to main');
    expect(api.updateRequests.pop()).toEqual({
      imageScanIds: ['web'],
      message: 'Checkout fixed',
      plan: 'plan-2',
    });
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
