// Events delivered again, by the forms of the deliveries' and the events' pages: an application that is in trouble
// answers 500, an operator looks, orders one and then all that failed, and after its outage all since an event. On a
// server with one handler, whose listener is this spec's. With JavaScript and without.
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { type Page } from '@playwright/test';
import { logged, press, reloadUntil, said } from './hands';
import { officeOn, test as office } from './office';
import { operator, viewer } from './people';
import { Coffer, expect, form, signIn, simulated } from './server';
import { order } from './world';

/** An application: how it answers, and the numbers of the events that it was told. */
class Listener {
  status = 500;
  told: number[] = [];
  private readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => {
      const id = String(request.headers['webhook-id']);
      request.resume().on('end', () => {
        this.told.push(Number(id.split('-').pop()));
        response.writeHead(this.status).end(this.status === 200 ? '' : 'the shop is closed');
      });
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

const listener = new Listener();
const test: typeof office = officeOn(async () => {
  const url = await listener.start();
  const events = `events:\n  shop: { class: http, url: "${url}", timeout: 2 }\n`;
  return Coffer.start((place) => simulated(place) + events, [operator, viewer]);
});
test.afterAll(() => listener.stop());

const handler = (page: Page) => page.getByRole('table', { name: 'Handlers by name' }).getByRole('row', { name: /^shop/ });
const deliveries = (page: Page) => page.getByRole('table', { name: 'Deliveries, newest first' }).locator('tbody tr');
const inState = (page: Page, word: string) => deliveries(page).filter({ has: page.locator('.state', { hasText: word }) });

/** As many events as there are payments. */
async function pay(page: Page, address: string, times: number): Promise<void> {
  for (let nth = 1; nth <= times; nth += 1) {
    await order(page, '/simulator', 'simulated_pay', { address, amount: `0.${nth}` });
    await expect(said(page)).toContainText('Paid from outside');
  }
}

test('what_an_application_refused_is_delivered_again_by_order', async ({ page, enter }) => {
  test.setTimeout(120_000);
  await signIn(page, operator);
  await order(page, '/wallets', 'create_wallet', { name: 'merchants' });
  await press(page, 'create_account', { name: 'Halden Books' });
  await press(page, 'create_address');
  const address = (await page.locator('code.whole').first().innerText()).trim();
  await pay(page, address, 3);
  // Three payments, and that the backend is up.
  await reloadUntil(page, '/deliveries', async () => {
    await expect(handler(page)).toContainText('refuses', { timeout: 100 });
    expect(await deliveries(page).filter({ hasText: '500' }).count()).toBeGreaterThanOrEqual(3);
  });
  await expect(inState(page, 'received')).toHaveCount(0);
  const all = await deliveries(page).count();

  await test.step('a viewer looks on', async () => {
    const vera = await enter(viewer);
    await vera.goto('/deliveries');
    await expect(handler(vera)).toContainText('refuses');
    await expect(form(vera, 'redeliver')).toHaveCount(0);
    await expect(vera.getByRole('link', { name: /Redeliver/ })).toHaveCount(0);
    expect((await vera.goto('/deliveries?redeliver=shop'))!.status()).toBe(403);
  });

  await test.step('one, from the list: refused once more, and the attempt is kept', async () => {
    const newest = deliveries(page).filter({ hasText: '500' }).first();
    const event = (await newest.getByRole('link').first().getAttribute('href'))!;
    const [sequence, before] = [Number(event.split('/').pop()), listener.told.length];
    await press(page, 'redeliver', {}, newest);
    await expect(page).toHaveURL(/\/deliveries$/);
    await expect.poll(() => listener.told.slice(before)).toContain(sequence);
    const refused = page.getByRole('table', { name: /Attempts/ }).getByRole('row', { name: /refused/ });
    await reloadUntil(page, event, async () => expect(await refused.count()).toBeGreaterThanOrEqual(2));
    await expect(page.getByText('the shop is closed').first()).toBeAttached();

    // From its own page, now that it is taken.
    listener.status = 200;
    await press(page, 'redeliver');
    await expect(page).toHaveURL(new RegExp(`${event}$`));
    await reloadUntil(page, event, () => expect(page.locator('h3 .state')).toHaveText('received', { timeout: 100 }));
    listener.status = 500;
  });

  await test.step('all that failed, after one more question', async () => {
    await pay(page, address, 2);
    const failed = deliveries(page).filter({ hasText: '500' });
    await reloadUntil(page, '/deliveries', async () => expect(await failed.count()).toBeGreaterThanOrEqual(2));
    await handler(page).getByRole('link', { name: 'Redeliver what failed to shop' }).click();
    await expect(page.getByRole('heading', { name: 'Redeliver to shop?' })).toBeVisible();
    await page.getByRole('link', { name: 'Leave it' }).click();
    await expect(form(page, 'redeliver_many')).toHaveCount(0);
    await handler(page).getByRole('link', { name: 'Redeliver what failed to shop' }).click();
    listener.status = 200;
    await press(page, 'redeliver_many');
    await expect(said(page)).toContainText('on the way again');
    await reloadUntil(page, '/deliveries', async () => {
      await expect(inState(page, 'received')).toHaveCount(all + 2, { timeout: 100 });
      await expect(handler(page)).toContainText('receives', { timeout: 100 });
    });
    // Nothing is left to be ordered so.
    await expect(handler(page).getByRole('link', { name: /Redeliver/ })).toHaveCount(0);
  });

  await test.step('all since an event, and no other', async () => {
    const numbers = await deliveries(page).getByRole('link').evaluateAll((links) =>
      links.map((link) => Number(link.getAttribute('href')!.split('/').pop())),
    );
    const since = numbers.sort((a, b) => a - b).at(-3)!;
    const before = listener.told.length;
    await page.getByLabel('All after event number').fill(String(since));
    await page.getByRole('button', { name: 'Redeliver …' }).click();
    await expect(page.getByText(`Every event after number ${since} goes to shop again`)).toBeVisible();
    await press(page, 'redeliver_many');
    await expect(said(page)).toContainText('2 deliveries are on the way again');
    // Events of different transactions may overtake each other on the way.
    await expect.poll(() => listener.told.slice(before).toSorted((a, b) => a - b)).toEqual(numbers.slice(-2));
  });

  const ada = await enter();
  const log = await logged(ada, operator.name, 'delivery.redeliver');
  await expect(log).toContainText('shop');
  await expect(ada.locator('table.rows tbody tr', { hasText: 'done' })).toHaveCount(4);
});
