// Pictures of what an application is told and by whom, with handlers of each fate, and of forms that stand folded.
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { reloadUntil } from './hands';
import { Coffer, expect, form, signIn, simulated, test as base } from './server';
import { shoot } from './shoot';
import { funded, order, outside } from './vetting';

/** One listener takes events, one refuses them, and one isn't there. */
const test = base.extend<object, { coffer: Coffer }>({
  coffer: [
    async ({}, use) => {
      const listener = createServer((request, response) => {
        request.resume();
        const refuses = request.url === '/refuses';
        response.statusCode = refuses ? 500 : 200;
        response.end(refuses ? 'no space left on device' : 'thanks');
      });
      await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
      const { port } = listener.address() as AddressInfo;
      const events = `events:
  shop: { class: http, url: "http://127.0.0.1:${port}/takes", timeout: 2 }
  bookkeeping: { class: http, url: "http://127.0.0.1:${port}/refuses", timeout: 2 }
  reports: { class: http, url: "http://127.0.0.1:9/", timeout: 2 }
`;
      const coffer = await Coffer.start((place) => simulated(place) + events);
      await use(coffer);
      await coffer.remove();
      listener.close();
    },
    { scope: 'worker' },
  ],
});

test('pictures_of_what_is_told', async ({ page }) => {
  test.setTimeout(300_000);
  await signIn(page);
  const account = await funded(page, 'merchants');
  await reloadUntil(page, '/events/1', () => expect(page.locator('main')).toContainText('status 500', { timeout: 100 }));
  await shoot(page, 'event-told', '/events/1');
  await shoot(page, 'deliveries-told', '/deliveries');
  await shoot(page, 'redeliver', '/deliveries?redeliver=shop&since=0');
  await shoot(page, 'overview-told', '/');

  await page.goto('/tokens');
  await form(page, 'create_token').locator('[name=name]').fill('shop');
  await form(page, 'create_token').locator('[name=scope_read]').check();
  await form(page, 'create_token').locator('[name=scope_send]').check();
  await form(page, 'create_token').getByRole('button').click();
  await expect(page.locator('.notice code.whole')).toBeVisible();
  await shoot(page, 'tokens-one', '/tokens');

  const deposit = (await (await page.request.get(account)).text()).match(/\/transactions\/\d+/)![0];
  const unfold = (summary: string) => () => page.locator('summary', { hasText: summary }).click();
  await shoot(page, 'transaction-processed', deposit, unfold('Mark this deposit'));
  await shoot(page, 'import-address', `${account}/addresses`, unfold('Import an address'));
  await shoot(page, 'import-refused', `${account}/addresses?address=nonsense&import_label=found&refused=bad_imported_address`);
  await order(page, '/simulator', 'simulated_mine', { blocks: '1' });
  await page.goto(`${account}/send?${new URLSearchParams({ review: '1', to_address: outside, amount: '0.5' })}`);
  const review = page.url();
  await page.locator('[name=typed]').fill('0.5');
  await form(page, 'send').getByRole('button').click();
  await expect(page).toHaveURL(/\/transactions\/\d+$/);
  await shoot(page, 'send-made', review);
});
