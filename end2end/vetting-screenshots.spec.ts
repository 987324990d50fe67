// Pictures of what an operator decides on, as screenshots.spec.ts makes them of all other pages.
import { reloadUntil } from './hands';
import { expect, form, signIn } from './server';
import { shoot } from './shoot';
import { act, broadcastOf, fails, funded, holds, order, outside, state, test } from './vetting';

test('pictures_of_what_waits_for_a_person', async ({ page }) => {
  test.setTimeout(300_000);
  await signIn(page);
  const account = await funded(page, 'merchants');
  const spent = await funded(page, 'tips');

  await fails(page, 'not_delivered');
  const broadcast = await broadcastOf(page, account, 'open');
  await reloadUntil(page, broadcast, () => expect(state(page)).toHaveText('broken', { timeout: 100 }), 90_000);
  await shoot(page, 'vetting-cant-tell', broadcast);
  await order(page, '/simulator', 'simulated_restart');
  await reloadUntil(page, broadcast, () =>
    expect(page.locator('.verdict .big')).toHaveText('Not found', { timeout: 100 }),
  );
  await shoot(page, 'vetting-not-found', broadcast);
  await act(page, 'reopen').locator('[name=reason]').fill('the node was restarted');
  await act(page, 'reopen').locator('[name=typed]').fill('no number');
  await act(page, 'reopen').getByRole('button').click();
  await shoot(page, 'vetting-refused', new URL(page.url()).pathname + new URL(page.url()).search);
  await act(page, 'reopen').locator('[name=typed]').fill(broadcast.split('/').pop()!);
  await act(page, 'reopen').getByRole('button').click();
  await reloadUntil(page, broadcast, () => expect(state(page)).toHaveText('closed', { timeout: 100 }));
  await shoot(page, 'vetting-reopened', broadcast);

  // Its money is passed on, then the chain takes the deposit back.
  await page.goto(spent);
  const deposit = (await page.locator('table.rows tbody a[href^="/transactions/"]').first().getAttribute('href'))!;
  await order(page, '/wallets', 'create_wallet', { name: 'tips' });
  await order(page, new URL(page.url()).pathname, 'create_account', { name: 'Lantern Hostel' });
  const other = new URL(page.url()).pathname.split('/').pop()!;
  await page.goto(`${spent}/transfer?${new URLSearchParams({ review: '1', to_account: other, amount: '2' })}`);
  await form(page, 'transfer').getByRole('button').click();
  await page.goto(deposit);
  const txid = (await page.locator('dd code.whole').nth(1).innerText()).trim();
  await order(page, '/simulator', 'simulated_reorganise', { depth: '3', txid });
  await reloadUntil(page, spent, () => holds(page, '-2.00000000'));
  await shoot(page, 'account-barred', spent);
  await shoot(page, 'transaction-reversed', deposit);

  await order(page, '/simulator', 'simulated_mine', { blocks: '1' });
  await order(page, '/simulator', 'simulated_spend', { address: outside, amount: '0.1' });
  await reloadUntil(page, '/', () =>
    expect(page.locator('.needs')).toContainText('sends nothing: a foreign spend', { timeout: 100 }),
  );
  await order(page, '/simulator', 'simulated_mine', { blocks: '1' });
  // The scan compares, and a difference is told when it was found twice.
  await expect(async () => {
    await page.goto('/jobs');
    await page.getByRole('button', { name: 'Run now scan ltc' }).click();
    await page.goto('/');
    await expect(page.locator('.needs')).toContainText('differ.', { timeout: 1_000 });
  }).toPass({ timeout: 30_000 });
  await shoot(page, 'overview-needs', '/');
  await page.goto('/');
  await page.locator('.needs a[href^="/foreign-spends/"]').click();
  await shoot(page, 'foreign-spend', new URL(page.url()).pathname);
  await shoot(page, 'reconciliation-spend', '/reconciliations/ltc');
  await shoot(page, 'simulator-vetting', '/simulator');
});
