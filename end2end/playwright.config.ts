// Every spec runs twice, with JavaScript and without; pictures of the pages are a project of their own.
// The browser is Debian's Chromium (COFFER_CHROMIUM names another); Playwright fetches none.
import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: '.',
  outputDir: 'test-results',
  // Each spec starts a server of its own and mostly waits: for pages, and for deadlines of 45 seconds.
  workers: 2,
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 5_000 },
  forbidOnly: !!process.env.CI,
  reporter: 'list',
  use: {
    browserName: 'chromium',
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env.COFFER_CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--headless',
        '--no-sandbox', // root has none
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  projects: [
    { name: 'with-javascript', testIgnore: '**/*screenshots.spec.ts' },
    { name: 'without-javascript', testIgnore: '**/*screenshots.spec.ts', use: { javaScriptEnabled: false } },
    { name: 'screenshots', testMatch: '**/*screenshots.spec.ts' },
  ],
});
