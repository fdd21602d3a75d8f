import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { Decision } from 'backstage-plugin-image-scan-common';
import { MockImageScanApi } from '../../../dev/__data__/MockImageScanApi';
import { decision, minutesFromNow } from '../../../dev/__data__/imageScans';
import { renderPage } from '../../__testUtils__';
import { DecisionHistory } from './DecisionHistory';

const DAY = 24 * 60;

const ended = decision({
  id: 'skip-mail',
  kind: 'skip',
  tag: '3.2.0',
  imageScanId: 'mail',
  image: 'ghcr.io/example/mail',
  ended: {
    by: 'user:default/grace',
    time: minutesFromNow(-100),
    how: 'released',
    reason: '3.2.1 is out',
  },
});

function renderHistory(
  decisions: Decision[],
  options: { imageScanId?: string; denied?: string[] } = {},
) {
  const api = new MockImageScanApi();
  api.decisions = decisions;
  renderPage(
    <DecisionHistory base="/base" imageScanId={options.imageScanId} />,
    { api, denied: options.denied },
  );
  return api;
}

async function findRows() {
  const table = await screen.findByRole('grid', { name: 'Decisions' });
  await waitFor(() =>
    expect(within(table).getAllByRole('row').length).toBeGreaterThan(1),
  );
  return within(table).getAllByRole('row').slice(1);
}

describe('DecisionHistory', () => {
  it('shows what is in force and links to the image', async () => {
    renderHistory([decision(), ended]);
    const [row, ...others] = await findRows();
    expect(others).toEqual([]);
    expect(row).toHaveTextContent(/Held by ada since .*: breaks checkout/);
    expect(
      within(row).getByRole('link', { name: 'registry.example.com/shop/web' }),
    ).toHaveAttribute('href', '/base/scans/web');
    expect(
      within(row).getByRole('button', {
        name: 'Release: registry.example.com/shop/web',
      }),
    ).toBeEnabled();
  });

  it('tells how others ended, and why', async () => {
    renderHistory([decision(), ended]);
    await userEvent.click(await screen.findByRole('radio', { name: 'Ended' }));
    await screen.findByText('ghcr.io/', { exact: false });
    const [row, ...others] = await findRows();
    expect(others).toEqual([]);
    expect(row).toHaveTextContent('3.2.0 is skipped by ada');
    expect(row).toHaveTextContent('Released by grace 1 hour ago: 3.2.1 is out');
    expect(within(row).queryByRole('button')).not.toBeInTheDocument();
  });

  it('reminds of holds without a date that have lasted for long', async () => {
    renderHistory([
      decision({ time: minutesFromNow(-31 * DAY) }),
      decision({ id: '2', time: minutesFromNow(-29 * DAY) }),
      decision({
        id: '3',
        time: minutesFromNow(-31 * DAY),
        until: minutesFromNow(DAY),
      }),
    ]);
    expect(
      await screen.findByText('1 hold without a date is older than 30 days'),
    ).toBeInTheDocument();
    const [old, young, dated] = await findRows();
    expect(old).toHaveTextContent('is it still needed?');
    expect(young).not.toHaveTextContent('is it still needed?');
    expect(dated).not.toHaveTextContent('is it still needed?');
  });

  it('shows the commit of a release although its decision is gone', async () => {
    const api = renderHistory([decision()]);
    await userEvent.click(
      await screen.findByRole('button', { name: /^Release: / }),
    );
    const dialog = within(await screen.findByRole('dialog'));
    await dialog.findByText('2 values, 2 files');
    api.decisions = [];
    await userEvent.click(
      dialog.getByRole('button', { name: 'Commit and push' }),
    );
    await screen.findByText('Nothing is held, skipped or rolled back.');
    expect(dialog.getByText('Pushed to main')).toBeInTheDocument();
  });

  it('lists what is not there now, to be released without a preview', async () => {
    const api = renderHistory([decision({ isGone: true })]);
    const [row] = await findRows();
    expect(row).toHaveTextContent('Not there now');
    expect(within(row).queryByRole('link', { name: /web/ })).toBeNull();
    await userEvent.click(within(row).getByRole('button'));
    const dialog = within(await screen.findByRole('dialog'));
    const release = dialog.getByRole('button', { name: 'Release' });
    await waitFor(() => expect(release).toBeEnabled());
    await userEvent.click(release);
    await waitFor(() => expect(api.decisions[0].ended?.how).toBe('released'));
    expect(api.updateRequests).toEqual([]);
  });

  it('says why who may not write cannot release', async () => {
    renderHistory([decision({ gitRepo: 'sealed' })], {
      denied: ['image-scan.git-repo.update'],
    });
    const [row] = await findRows();
    await waitFor(() =>
      expect(row).toHaveTextContent('You are not allowed to write to sealed.'),
    );
    expect(within(row).getByRole('button')).toBeDisabled();
  });
});
