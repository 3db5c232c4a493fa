import { defineConfig } from '@playwright/test'

/** Run by `make e2e`, which brings up the platform and says where the pages and the story are. */
export default defineConfig({
  testDir: 'e2e',
  outputDir: '../build/e2e/results',
  workers: 1, // two browsers that paint maps by software take each other's time
  retries: 1, // a browser that hangs on a busy machine is tried once more, and the list calls the test flaky
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
  use: {
    baseURL: process.env['PAGES'] ?? '',
    viewport: { width: 412, height: 839 },
    hasTouch: true,
    locale: 'en-US',
    timezoneId: 'America/New_York',
    // A worker answers before a test can; phones.ts opens browsers that have it.
    serviceWorkers: 'block',
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      args: [
        '--enable-unsafe-swiftshader',
        // No other host has an address, whatever a page tries.
        '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE *.localhost, EXCLUDE 127.0.0.1',
      ],
    },
  },
})
