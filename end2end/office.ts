// A server for specs of what people do to each other and to themselves: everybody in them is hired by the spec that
// needs them, under a name of their own, and sits at a browser of their own.
import { type Page } from '@playwright/test';
import { admin, type Person, type Role } from './people';
import { type Coffer, complaintsOf, expect, signIn, test as base } from './server';

export const test = base.extend<{
  /** Makes a user. */
  hire: (name: string, role: Role) => Promise<Person>;
  /** Signs somebody in at a further browser, with JavaScript as the project has it. */
  enter: (person?: Person) => Promise<Page>;
}>({
  hire: async ({ coffer }, use) => {
    await use(async (name, role) => {
      const person: Person = { name, password: admin.password, role };
      await coffer.add(person);
      return person;
    });
  },
  enter: async ({ browser, coffer, javaScriptEnabled }, use) => {
    const opened: [Page, string[]][] = [];
    await use(async (person = admin) => {
      const context = await browser.newContext({ baseURL: coffer.url, javaScriptEnabled });
      const complaints = await complaintsOf(context);
      const page = await context.newPage();
      opened.push([page, complaints]);
      await signIn(page, person);
      return page;
    });
    for (const [page, complaints] of opened) {
      await page.context().close();
      expect(complaints, 'what pages complained of').toEqual([]);
    }
  },
});

/** The same on a server of this spec's own. */
export function officeOn(start: () => Promise<Coffer>): typeof test {
  return test.extend<object, { coffer: Coffer }>({
    coffer: [
      async ({}, use) => {
        const coffer = await start();
        await use(coffer);
        await coffer.remove();
      },
      { scope: 'worker' },
    ],
  });
}
