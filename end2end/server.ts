// Runs the built `coffer` (COFFER_BIN) as a person would: a config file in a folder of its own, users made
// by its command line, a free port. It knows nothing of pages. Specs take `test` and `expect` from here; the
// fixture `coffer` is one server on the simulated network for all specs of a worker, and `page` starts there.
import { type BrowserContext, type Locator, type Page, test as base, expect } from '@playwright/test';
import { ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { admin, type Person } from './people';

export { admin, expect };

/** The config of the fixture `coffer`: SQLite, and Litecoin on the simulated network. */
export function simulated({ dir, port }: Place): string {
  return `
database: { url: "sqlite:///${dir}/coffer.sqlite" }
web: { bind: "127.0.0.1:${port}" }
service: { broadcast_period: 1, confirmation_period: 1 }
coins:
  ltc:
    network: regtest
    confirmation_count: 3
    backend: { class: simulated, block_seconds: 0 }
`;
}

export type Place = { dir: string; port: number };

/** A running server, its folder and its log. */
export class Coffer {
  private process?: ChildProcess;
  private others: ChildProcess[] = [];
  private output = '';
  /** A password stood in what it wrote. */
  private told = false;

  private constructor(
    readonly place: Place,
    readonly config: string,
  ) {}

  /** Writes the config, makes the admin and who else is wanted, starts the server and waits until it is ready. */
  static async start(config: (place: Place) => string, others: Person[] = []): Promise<Coffer> {
    const place = { dir: await mkdtemp(join(tmpdir(), 'coffer-end2end-')), port: await freePort() };
    const coffer = new Coffer(place, join(place.dir, 'coffer.yaml'));
    await writeFile(coffer.config, config(place));
    await coffer.command(['initialize-database']);
    for (const person of [admin, ...others]) await coffer.add(person);
    await coffer.up();
    return coffer;
  }

  get url(): string {
    return `http://127.0.0.1:${this.place.port}`;
  }

  /** Runs one command of coffer on this server's config to its end, and gives what it printed. */
  async command(words: string[], input = ''): Promise<string> {
    const child = this.spawn(words);
    let printed = '';
    child.stdout!.on('data', (bytes) => (printed += bytes));
    child.stdin!.end(input);
    const code = await new Promise((resolve, reject) => child.on('close', resolve).on('error', reject));
    if (code !== 0) throw new Error(`coffer ${words.join(' ')} ended with ${code}\n${this.output}`);
    return printed;
  }

  /** Makes a user by the command line, as the person does who runs Coffer; also beside the running server. */
  async add({ name, role, password }: Person): Promise<void> {
    await this.command(['user', 'add', name, '--role', role], `${password}\n`);
  }

  /** Starts (again), and waits until it is ready, 20 s at most. */
  async up(part: 'serve' | 'web' = 'serve'): Promise<void> {
    const child = (this.process = this.spawn([part]));
    const limit = Date.now() + 20_000;
    while (!(await this.isReady())) {
      if (child.exitCode !== null) throw new Error(`coffer ${part} ended with ${child.exitCode}\n${this.output}`);
      if (Date.now() > limit) throw new Error(`coffer is not ready after 20 s\n${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** The helper jobs as a process of their own, stopped dead where they reach this failpoint; gone with `down`. */
  helperUntil(failpoint: string): void {
    const order = `${failpoint}=${join(this.place.dir, 'failpoint')}`;
    this.others.push(this.spawn(['helper'], { COFFER_FAILPOINT: order }));
  }

  /** Another process on the same database, pages alone: its url. Gone with `down`. */
  async beside(): Promise<string> {
    const port = await freePort();
    const config = join(this.place.dir, `beside-${port}.yaml`);
    const own = await readFile(this.config, 'utf8');
    await writeFile(config, own.replace(`:${this.place.port}`, `:${port}`));
    this.others.push(this.spawn(['web'], {}, config));
    const url = `http://127.0.0.1:${port}`;
    await expect(async () => expect((await fetch(`${url}/readyz`)).ok).toBe(true)).toPass({ timeout: 20_000 });
    return url;
  }

  /** Ends the server: SIGTERM as an operator would, SIGKILL as a power cut would. */
  async down(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    for (const other of this.others.splice(0)) await ended(other, 'SIGKILL');
    const child = this.process;
    if (child) await ended(child, signal);
  }

  /** Ends the server and removes its folder. Whatever it logged, no password stands there. */
  async remove(): Promise<void> {
    await this.down();
    expect(this.told, 'a password stands in the log').toBe(false);
    await rm(this.place.dir, { recursive: true, force: true });
  }

  /** What the server has logged so far. */
  get log(): string {
    return this.output;
  }

  private async isReady(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/readyz`)).ok;
    } catch {
      return false;
    }
  }

  private spawn(words: string[], environment: Record<string, string> = {}, config = this.config): ChildProcess {
    const binary = process.env.COFFER_BIN;
    if (!binary) throw new Error('COFFER_BIN is not set: run `make test`');
    const child = spawn(binary, ['--config', config, ...words], {
      cwd: this.place.dir,
      env: { ...process.env, ...environment },
    });
    for (const stream of [child.stdout, child.stderr]) {
      // The last 100,000 characters are enough to tell why a test failed.
      stream.on('data', (bytes) => {
        this.output += bytes;
        this.told ||= this.output.includes(admin.password);
        this.output = this.output.slice(-100_000);
      });
    }
    return child;
  }
}

/** Ends a process, and by force after 10 s. */
async function ended(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const end = new Promise((resolve) => child.once('exit', resolve));
  const limit = setTimeout(() => child.kill('SIGKILL'), 10_000);
  child.kill(signal);
  await end;
  clearTimeout(limit);
}

/** Below the ports that the system gives to outgoing connections, one of which would take it before the server does. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 22_000);
    const probe = createServer();
    const free = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false));
      probe.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!free) continue;
    await new Promise((resolve) => probe.close(resolve));
    return port;
  }
}

/** Signs in, as the admin if nobody else is named, and waits for the first page. */
export async function signIn(page: Page, person: Person = admin): Promise<void> {
  await knock(page, person);
  await expect(page).not.toHaveURL(/sign-in/);
}

/** Gives name and password at the door, and leaves open what comes of it. */
export async function knock(page: Page, { name, password }: Pick<Person, 'name' | 'password'>): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel('User name').fill(name);
  await page.getByLabel('Password').fill(password);
  await form(page, 'sign_in').getByRole('button', { name: 'Sign in' }).click();
}

/** The form that gives this order, on the page or in a part of it. */
export function form(within: Page | Locator, verb: string): Locator {
  return within.locator(`form[action="/act/${verb}"]`).first();
}

/**
 * Listens to all pages of a context for what no page may do: write an error to the console, fail in a script, or try
 * what its Content-Security-Policy forbids. Answers the list, which grows.
 */
export async function complaintsOf(context: BrowserContext): Promise<string[]> {
  const complaints: string[] = [];
  context.on('console', (message) => {
    const text = message.text();
    // Chromium says so of every page that answers 403 or 404, where such a page is what was asked for.
    const status = /^Failed to load resource: the server responded with a status of 4\d\d/.test(text);
    const page = status && message.location().url === message.page()?.url();
    // A spec that ends the server knows that pages lose it.
    const lost = /net::ERR_(CONNECTION_REFUSED|CONNECTION_RESET|CONNECTION_CLOSED|EMPTY_RESPONSE)/.test(text);
    if (message.type() === 'error' && !page && !lost) complaints.push(`${message.location().url}: ${text}`);
  });
  context.on('weberror', (error) => complaints.push(`${error.page()?.url()}: ${error.error()}`));
  await context.exposeFunction('complainOfPolicy', (text: string) => complaints.push(text));
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      const { violatedDirective, blockedURI } = event;
      (window as never as { complainOfPolicy(text: string): void }).complainOfPolicy(
        `${location.pathname}: the policy forbids ${violatedDirective} ${blockedURI}`,
      );
    });
  });
  return complaints;
}

export const test = base.extend<object, { coffer: Coffer }>({
  coffer: [
    async ({}, use) => {
      const coffer = await Coffer.start(simulated);
      await use(coffer);
      await coffer.remove();
    },
    { scope: 'worker' },
  ],
  baseURL: async ({ coffer }, use) => use(coffer.url),
  // Whatever a spec is about, no page of it may complain.
  page: async ({ page, context }, use) => {
    const complaints = await complaintsOf(context);
    await use(page);
    expect(complaints, 'what pages complained of').toEqual([]);
  },
});
