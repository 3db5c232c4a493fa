/** A phone with the driver's app: a browser whose profile outlives it, so that it can be killed and opened again. */

import { execFileSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, type Page, chromium } from '@playwright/test'
import config from '../playwright.config'
import { expect } from './pages'

interface Place {
  lat: number
  lon: number
}

/** What the page's browser would have got from its push service. */
export interface Subscription {
  endpoint: string
  keys: { p256dh: string; auth: string }
}

export class Phone {
  private constructor(
    private readonly folder: string,
    private readonly baseURL: string,
    private place: Place,
    private subscription: Subscription | null,
    public context: BrowserContext,
    public page: Page,
  ) {}

  static async open(baseURL: string, place: Place, subscription: Subscription | null = null): Promise<Phone> {
    const folder = mkdtempSync(join(tmpdir(), 'phone-'))
    const [context, page] = await launched(folder, baseURL, place, subscription)
    return new Phone(folder, baseURL, place, subscription, context, page)
  }

  /** End the browser as a phone does that is short of memory: at once, without a chance to write anything. */
  kill(): void {
    const all = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8', maxBuffer: 64_000_000 }).split('\n')
    const mine = all.find((line) => line.includes(this.folder) && !line.includes('--type=') && /chrom/.test(line))
    const pid = Number(mine?.trim().split(' ')[0])
    if (!pid) throw new Error('the browser was not found')
    process.kill(pid, 'SIGKILL')
  }

  /** Open the app again after `kill`. */
  async reopen({ offline = false } = {}): Promise<void> {
    await this.context.close().catch(() => {})
    ;[this.context, this.page] = await launched(this.folder, this.baseURL, this.place, this.subscription)
    if (offline) await this.context.setOffline(true)
  }

  async go(place: Place): Promise<void> {
    this.place = place
    await this.context.setGeolocation({ latitude: place.lat, longitude: place.lon })
  }

  /** Give the worker of the app a push, as the browser does when its push service has one. */
  async push(message: object): Promise<void> {
    const session = await this.context.newCDPSession(this.page)
    const registered = new Promise<string>((resolve) => {
      session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
        const [found] = registrations.filter((one) => !one.isDeleted)
        if (found) resolve(found.registrationId)
      })
    })
    await session.send('ServiceWorker.enable')
    const registrationId = await registered
    const { origin } = new URL(this.baseURL)
    await session.send('ServiceWorker.deliverPushMessage', { origin, registrationId, data: JSON.stringify(message) })
  }

  async close(): Promise<void> {
    await this.context.close()
  }
}

async function launched(
  folder: string,
  baseURL: string,
  { lat, lon }: Place,
  subscription: Subscription | null,
): Promise<[BrowserContext, Page]> {
  const { launchOptions, trace: _trace, ...use } = config.use ?? {}
  const context = await chromium.launchPersistentContext(folder, {
    ...use,
    ...launchOptions,
    baseURL,
    serviceWorkers: 'allow',
    permissions: ['geolocation', 'notifications'],
    geolocation: { latitude: lat, longitude: lon },
  })
  context.setDefaultTimeout(45_000)
  if (subscription) await context.addInitScript(withSubscription, subscription)
  const page = context.pages()[0] ?? (await context.newPage())
  return [context, page]
}

/** No browser here reaches a push service, so the subscription comes from the imitated one. */
function withSubscription(given: Subscription): void {
  const has = (): boolean => localStorage.getItem('e2e.subscribed') === 'yes'
  const subscription = {
    endpoint: given.endpoint,
    options: { applicationServerKey: null },
    toJSON: () => given,
    unsubscribe: async () => {
      localStorage.removeItem('e2e.subscribed')
      return true
    },
  } as unknown as PushSubscription
  PushManager.prototype.getSubscription = async () => (has() ? subscription : null)
  PushManager.prototype.subscribe = async () => {
    localStorage.setItem('e2e.subscribed', 'yes')
    return subscription
  }
}

/** Count what a driver taps, each as a person would tap it. */
export class Taps {
  count = 0

  constructor(private readonly page: () => Page) {}

  async button(name: string | RegExp): Promise<void> {
    this.count += 1
    await this.page().getByRole('button', { name }).first().click()
  }

  async option(name: string): Promise<void> {
    this.count += 1
    await this.page().getByText(name, { exact: true }).click()
  }

  /** The tap opens the phone's camera, whose own shutter is not the app's. */
  async photo(picture: string | { name: string; mimeType: string; buffer: Buffer }): Promise<void> {
    this.count += 1
    const choosing = this.page().waitForEvent('filechooser')
    await this.page().getByText(/Take a photo|Take another/).first().click()
    await (await choosing).setFiles(picture)
    await expect(this.page().getByText('The photo is kept.').first()).toBeVisible()
  }
}
