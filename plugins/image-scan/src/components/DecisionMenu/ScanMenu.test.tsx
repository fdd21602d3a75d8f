import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { ImageScan } from 'backstage-plugin-image-scan-common';
import { MockImageScanApi } from '../../../dev/__data__/MockImageScanApi';
import {
  decision,
  imageScan,
  webUpdate,
} from '../../../dev/__data__/imageScans';
import { renderPage } from '../../__testUtils__';
import { ScanMenu } from './ScanMenu';

const hold = decision();

const held: Partial<ImageScan> = {
  state: 'held',
  currentTag: '1.3.0',
  decisions: [hold],
  held: { from: '1.3.0', to: '1.4.2', reason: 'held', decision: hold },
};

async function openMenu(change: Partial<ImageScan> = {}) {
  const scan = imageScan(change);
  const api = new MockImageScanApi([scan]);
  api.decisions = scan.decisions;
  const onDecided = jest.fn();
  renderPage(
    <ScanMenu scan={scan} historyHref="/history" onDecided={onDecided} />,
    { api },
  );
  const button = await screen.findByRole('button', {
    name: 'Decide about registry.example.com/shop/web',
  });
  await waitFor(() => expect(button).toBeEnabled());
  await userEvent.click(button);
  return { api, onDecided };
}

async function choose(item: string) {
  await userEvent.click(await screen.findByRole('menuitem', { name: item }));
  return within(await screen.findByRole('dialog'));
}

describe('ScanMenu', () => {
  it('offers what can be decided now', async () => {
    await openMenu();
    expect(
      (await screen.findAllByRole('menuitem')).map(item => item.textContent),
    ).toEqual(['Hold…', 'Use another tag…', 'Revert an update…']);
  });

  it('holds with a reason, after saying what that means', async () => {
    const { api, onDecided } = await openMenu();
    const dialog = await choose('Hold…');
    expect(
      dialog.getByText(/^Nothing is written for .* until this is released/),
    ).toBeInTheDocument();
    await userEvent.type(
      dialog.getByLabelText('Why (optional)'),
      ' breaks checkout ',
    );
    const confirm = dialog.getByRole('button', { name: 'Hold' });
    await waitFor(() => expect(confirm).toBeEnabled());
    await userEvent.click(confirm);
    await waitFor(() =>
      expect(screen.queryByRole('dialog')).not.toBeInTheDocument(),
    );
    expect(api.decisionRequests).toEqual([
      { kind: 'hold', imageScanId: 'web', reason: 'breaks checkout' },
    ]);
    expect(onDecided).toHaveBeenCalledTimes(1);
  });

  it('takes no date that has passed', async () => {
    await openMenu();
    const dialog = await choose('Hold…');
    const [month] = dialog.getAllByRole('spinbutton');
    await userEvent.click(month);
    await userEvent.keyboard('010120201200PM');
    expect(
      await dialog.findByText('This has passed already.'),
    ).toBeInTheDocument();
    expect(dialog.getByRole('button', { name: 'Hold' })).toBeDisabled();
  });

  it('names the hold that another one takes the place of', async () => {
    await openMenu(held);
    const dialog = await choose('Hold…');
    expect(dialog.getByText(/^This takes the place of/)).toHaveTextContent(
      /Held by ada since .*: breaks checkout/,
    );
  });

  it('skips the latest tag', async () => {
    const { api } = await openMenu({ currentTag: '1.3.0' });
    const dialog = await choose('Skip 1.4.2…');
    const confirm = dialog.getByRole('button', { name: 'Skip 1.4.2' });
    await waitFor(() => expect(confirm).toBeEnabled());
    await userEvent.click(confirm);
    await waitFor(() =>
      expect(api.decisionRequests).toEqual([
        { kind: 'skip', imageScanId: 'web', tag: '1.4.2' },
      ]),
    );
  });

  it('shows before a release what would be written, and writes that', async () => {
    const { api, onDecided } = await openMenu(held);
    api.pending.scans = [
      {
        ...webUpdate,
        values: 0,
        notWritten: { cause: 'decision', reason: 'held', decision: hold },
      },
    ];
    const dialog = await choose('Release the hold…');
    await dialog.findByText('2 values, 2 files');
    await userEvent.click(
      dialog.getByRole('button', { name: 'Commit and push' }),
    );
    await dialog.findByText('Pushed to main');
    expect(api.updateRequests).toEqual([
      { imageScanIds: ['web'], release: ['hold-web'], dryRun: true },
      { imageScanIds: ['web'], release: ['hold-web'], plan: 'plan-1' },
    ]);
    expect(onDecided).toHaveBeenCalledTimes(1);
  });

  it('releases without writing', async () => {
    const { api } = await openMenu(held);
    const dialog = await choose('Release the hold…');
    const release = await dialog.findByRole('button', { name: 'Release' });
    await waitFor(() => expect(release).toBeEnabled());
    await userEvent.click(release);
    await waitFor(() =>
      expect(api.decisions).toEqual([
        expect.objectContaining({
          id: 'hold-web',
          ended: expect.objectContaining({ how: 'released' }),
        }),
      ]),
    );
    expect(api.updateRequests.some(({ dryRun }) => !dryRun)).toBe(false);
  });

  it('skips what git went back from and goes on, by one button', async () => {
    const rollback = decision({
      id: 'rollback-web',
      kind: 'rollback',
      by: 'git',
      rollback: {
        headAfter: '1'.repeat(40),
        places: [
          {
            file: 'apps/web/values.yaml',
            line: 3,
            form: 'tag',
            before: '1.4.2',
            after: '1.3.0',
          },
        ],
      },
    });
    const { api } = await openMenu({ ...held, decisions: [rollback] });
    const dialog = await choose('Release the rollback…');
    await userEvent.click(
      await dialog.findByRole('button', {
        name: 'Skip 1.4.2 and go on with newer ones',
      }),
    );
    await waitFor(() =>
      expect(api.decisionRequests).toEqual([
        {
          kind: 'skip',
          imageScanId: 'web',
          tag: '1.4.2',
          release: ['rollback-web'],
        },
      ]),
    );
  });

  it('uses another tag of the registry', async () => {
    const { api } = await openMenu();
    const dialog = await choose('Use another tag…');
    await userEvent.click(dialog.getByRole('combobox', { name: 'Tag' }));
    await userEvent.click(
      await screen.findByRole('option', { name: /1\.3\.0/ }),
    );
    await userEvent.click(
      dialog.getByRole('button', { name: 'Show what would be written' }),
    );
    const preview = within(
      await screen.findByRole('dialog', { name: /^Use 1\.3\.0 for/ }),
    );
    await preview.findByText('2 values, 2 files');
    expect(api.updateRequests).toEqual([
      { imageScanIds: ['web'], tags: { web: '1.3.0' }, dryRun: true },
    ]);
  });
});
