import { defineConfig, devices } from '@playwright/test'

const phone = devices['Pixel 7']
const desktop = { viewport: { width: 1280, height: 800 } }
const dark = { colorScheme: 'dark' as const }

/** Run by `make e2e`, which brings up the platform and says where the pages and the story are. */
export default defineConfig({
  testDir: 'e2e',
  outputDir: '../build/e2e/results',
  workers: 1,
  timeout: 60_000,
  reporter: [['list']],
  use: {
    baseURL: process.env['PAGES'] ?? '',
    locale: 'en-US',
    timezoneId: 'America/New_York',
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
  projects: [
    { name: 'phone', use: { ...phone } },
    { name: 'phone-dark', use: { ...phone, ...dark }, testMatch: 'states.spec.ts' },
    { name: 'desktop', use: { ...desktop }, testMatch: 'states.spec.ts' },
    { name: 'desktop-dark', use: { ...desktop, ...dark }, testMatch: 'states.spec.ts' },
  ],
})
