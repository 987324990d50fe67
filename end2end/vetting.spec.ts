// Vetting broadcasts of unknown outcome, as an operator does it: sent in one call, no answer came, and the deadline has
// passed. Three at once, because a deadline takes 45 seconds: two that never left, one that the node carries out late.
// What is found closes by itself; a helper that stops right before lets an operator see it. With JavaScript and without.
import { type Page } from '@playwright/test';
import { reloadUntil } from './hands';
import { expect, form, signIn } from './server';
import { act, broadcastOf, fails, funded, holds, order, state, test } from './vetting';

async function close(page: Page, txid: string): Promise<void> {
  const closing = form(page, 'close_broadcast');
  await closing.locator('[name=txid]').fill(txid);
  await closing.locator('[name=reason]').fill('seen in an explorer');
  await closing.getByRole('button', { name: 'Check and close' }).click();
}

const number = (broadcast: string): string => broadcast.split('/').pop()!;

test('a_broken_broadcast_is_vetted_by_its_evidence', async ({ page, coffer }) => {
  test.setTimeout(300_000);
  await signIn(page);
  const accounts: string[] = [];
  for (const wallet of ['reopened', 'cancelled', 'late', 'plain']) accounts.push(await funded(page, wallet));
  const [reopened, cancelled, late, plain] = accounts;

  const closed = await broadcastOf(page, plain, 'closed');
  const taken = (await page.locator('dd code.whole').first().innerText()).trim();
  await coffer.down();
  await coffer.up('web');
  coffer.helperUntil('commit.close_broadcast.before');
  await fails(page, 'not_delivered');
  const first = await broadcastOf(page, reopened, 'open');
  await fails(page, 'not_delivered');
  const second = await broadcastOf(page, cancelled, 'open');
  await fails(page, 'late');
  // Another amount: an identical payout that no broadcast has would be a reason to doubt.
  const third = await broadcastOf(page, late, 'open', '0.75');
  // Before its deadline nobody orders anything about it.
  await expect(page.getByRole('heading', { name: 'Decide' })).toHaveCount(0);

  await test.step("can't tell: only closing is open, by a txid that the backend confirms", async () => {
    // Broken first, and a moment later there is evidence.
    const cantTell = () => expect(page.locator('.verdict .big')).toHaveText('Can’t tell', { timeout: 100 });
    await reloadUntil(page, first, cantTell, 90_000);
    await expect(state(page)).toHaveText('broken');
    await expect(page.locator('.verdict')).toContainText('The verdict may change at');
    for (const name of ['Reopen', 'Cancel']) {
      await expect(page.getByRole('button', { name: `${name} broadcast ${number(first)}` })).toBeDisabled();
    }
    await expect(act(page, 'reopen')).toHaveCount(0);
    await expect(act(page, 'cancel')).toHaveCount(0);

    await close(page, 'a'.repeat(64));
    await expect(page.getByRole('alert')).toContainText('doesn’t know this txid');
    // What was typed is still there, and a reason may be given to go without the check.
    await expect(form(page, 'close_broadcast').locator('[name=txid]')).toHaveValue('a'.repeat(64));
    await expect(form(page, 'close_broadcast').locator('[name=override_reason]')).toBeVisible();
    await close(page, taken);
    await expect(page.getByRole('alert')).toContainText('Another broadcast has this txid');
    await form(page, 'close_broadcast').locator('[name=override_reason]').fill('it must be this one');
    await close(page, taken);
    await expect(page.getByRole('alert')).toContainText('Another broadcast has this txid');
    await expect(state(page)).toHaveText('broken');
  });

  await test.step('found: only closing is open, with the txid filled in', async () => {
    await reloadUntil(page, third, () => expect(page.locator('.verdict .big')).toHaveText('Found', { timeout: 100 }));
    await expect(state(page)).toHaveText('broken');
    await expect(page.locator('.verdict')).toContainText('Close it.');
    await expect(page.locator('table tr', { hasText: 'carries this broadcast’s comment' })).toContainText('1 of 1');
    for (const [name, loss] of [
      ['Reopen', 'it would be paid twice'],
      ['Cancel', 'the accounts would get money that has left'],
    ]) {
      await expect(page.getByRole('button', { name: `${name} broadcast ${number(third)}` })).toBeDisabled();
      await expect(page.getByRole('group', { name })).toContainText(loss);
    }
    const closing = form(page, 'close_broadcast');
    const txid = await closing.locator('[name=txid]').inputValue();
    expect(txid).toMatch(/^[0-9a-f]{64}$/);
    await closing.locator('[name=reason]').fill('the evidence shows it');
    await closing.getByRole('button', { name: 'Check and close' }).click();
    await expect(state(page)).toHaveText('closed');
    await expect(page.getByRole('heading', { name: 'Decide' })).toHaveCount(0);
    await expect(page.getByRole('row', { name: /^close/ })).toContainText('the evidence shows it');
    await page.goto(first);
    await close(page, txid);
    await expect(page.getByRole('alert')).toContainText('Another broadcast has this txid');
  });

  await test.step('not found: reopened by its typed number, and paid once', async () => {
    await coffer.down();
    await coffer.up();
    await order(page, '/simulator', 'simulated_restart');
    await order(page, first, 'gather_evidence');
    // The killed helper's lease runs out first.
    const notFound = () => expect(page.locator('.verdict .big')).toHaveText('Not found', { timeout: 100 });
    await reloadUntil(page, first, notFound, 40_000);
    await expect(page.locator('.verdict')).toContainText('Reopen or cancel it.');
    await expect(act(page, 'reopen')).toContainText('0.50000000 ltc is paid twice');
    await act(page, 'reopen').locator('[name=reason]').fill('the node was restarted, nothing left');
    await act(page, 'reopen').locator('[name=typed]').fill(number(second));
    await act(page, 'reopen').getByRole('button').click();
    await expect(page.getByRole('alert')).toContainText('The typed number differs');
    await expect(state(page)).toHaveText('broken');
    await expect(act(page, 'reopen').locator('[name=reason]')).toHaveValue('the node was restarted, nothing left');
    await act(page, 'reopen').locator('[name=typed]').fill(number(first));
    await act(page, 'reopen').getByRole('button').click();
    await reloadUntil(page, first, () => expect(state(page)).toHaveText('closed', { timeout: 100 }));
    const decision = page.getByRole('row', { name: /^reopen/ });
    await expect(decision).toContainText('ada');
    await expect(decision).toContainText('the node was restarted, nothing left');
    await expect(decision).toContainText('not found');
  });

  await test.step('not found: cancelled by its typed number, and the money is back', async () => {
    await reloadUntil(page, second, () =>
      expect(page.locator('.verdict .big')).toHaveText('Not found', { timeout: 100 }),
    );
    const cancel = act(page, 'cancel');
    await expect(cancel).toContainText('0.50000000 ltc back to owner of cancelled');
    await cancel.locator('[name=reason]').fill('asked for by the owner');
    await cancel.locator('[name=typed]').fill(number(second));
    await cancel.getByRole('button').click();
    await expect(state(page)).toHaveText('cancelled');
    await page.goto(cancelled);
    await holds(page, '2.00000000');
  });

  await test.step('each left the hot wallet once or not at all', async () => {
    await order(page, '/simulator', 'simulated_mine', { blocks: '15' });
    for (const broadcast of [closed, first, third]) {
      await reloadUntil(page, broadcast, () => expect(state(page)).toHaveText('settled', { timeout: 100 }));
    }
    for (const [account, rest] of [[reopened, '1.50000000'], [late, '1.25000000'], [plain, '1.50000000']]) {
      await page.goto(account);
      await holds(page, rest);
    }
  });
});
