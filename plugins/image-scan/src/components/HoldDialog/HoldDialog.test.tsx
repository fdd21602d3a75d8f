import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { MockImageScanApi } from '../../../dev/__data__/MockImageScanApi';
import { decision, gitRepo, imageScan } from '../../../dev/__data__/imageScans';
import { renderPage } from '../../__testUtils__';
import { HoldButton } from './HoldButton';
import type { HoldTarget } from './holdTarget';

async function openDialog(
  target: HoldTarget,
  button: string,
  options: { api?: MockImageScanApi; denied?: string[] } = {},
) {
  const api =
    options.api ??
    new MockImageScanApi([
      imageScan({ id: 'a', image: 'image-a' }),
      imageScan({ id: 'b', image: 'image-b', gitRepo: 'infra' }),
      imageScan({ id: 'c', image: 'other' }),
    ]);
  renderPage(<HoldButton target={target} onHeld={() => {}} />, {
    api,
    denied: options.denied,
  });
  await userEvent.click(await screen.findByRole('button', { name: button }));
  return { api, dialog: within(await screen.findByRole('dialog')) };
}

async function confirm(dialog: ReturnType<typeof within>) {
  const button = dialog.getByRole('button', { name: 'Hold' });
  await waitFor(() => expect(button).toBeEnabled());
  await userEvent.click(button);
  await waitFor(() =>
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument(),
  );
}

describe('HoldButton', () => {
  it('holds everything', async () => {
    const { api, dialog } = await openDialog(
      { kind: 'everything' },
      'Hold everything…',
    );
    expect(
      dialog.getByText(/^Nothing is written to any git repository/),
    ).toBeInTheDocument();
    await confirm(dialog);
    expect(api.decisionRequests).toEqual([{ kind: 'hold' }]);
  });

  it('holds each image that a filter lets through', async () => {
    const { api, dialog } = await openDialog(
      { kind: 'filtered', filter: { search: 'image-' } },
      'Hold these…',
    );
    expect(
      await screen.findByRole('dialog', { name: 'Hold 2 images' }),
    ).toBeInTheDocument();
    await userEvent.type(dialog.getByLabelText('Why (optional)'), 'freeze');
    await confirm(dialog);
    expect(api.decisionRequests).toEqual([
      { kind: 'hold', reason: 'freeze', imageScanId: 'a' },
      { kind: 'hold', reason: 'freeze', imageScanId: 'b' },
    ]);
  });

  it('names the git repos that the user may not write to', async () => {
    const api = new MockImageScanApi();
    api.gitRepos = [gitRepo({ name: 'barred' }), gitRepo({ name: 'shut' })];
    const { dialog } = await openDialog(
      { kind: 'everything' },
      'Hold everything…',
      { api, denied: ['image-scan.git-repo.update'] },
    );
    expect(
      await dialog.findByText('You are not allowed to write to barred, shut.'),
    ).toBeInTheDocument();
    expect(dialog.getByRole('button', { name: 'Hold' })).toBeDisabled();
  });

  it('names a commit that may arrive yet', async () => {
    const { api, dialog } = await openDialog(
      { kind: 'everything' },
      'Hold everything…',
    );
    jest
      .spyOn(api, 'decide')
      .mockResolvedValue(decision({ underway: ['4be1c0ffee5d6a7b'] }));
    const button = dialog.getByRole('button', { name: 'Hold' });
    await waitFor(() => expect(button).toBeEnabled());
    await userEvent.click(button);
    expect(await dialog.findByRole('status')).toHaveTextContent(
      /may arrive yet.*4be1c0ff/,
    );
    expect(dialog.queryByRole('button', { name: 'Hold' })).toBeNull();
  });

  it('shows why it did not work, and stays open', async () => {
    const { api, dialog } = await openDialog(
      { kind: 'everything' },
      'Hold everything…',
    );
    jest.spyOn(api, 'decide').mockRejectedValue(new Error('the database'));
    const button = dialog.getByRole('button', { name: 'Hold' });
    await waitFor(() => expect(button).toBeEnabled());
    await userEvent.click(button);
    expect(await dialog.findByRole('alert')).toHaveTextContent('the database');
  });
});
