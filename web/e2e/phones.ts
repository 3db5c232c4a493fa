/** Phones whose browser can be killed, filled up, cut off and woken by pushes, and the taps of a driver on one. */

import { readFileSync, readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, type CDPSession, type Page, chromium } from '@playwright/test'
import config from '../playwright.config'
import { cameraOf } from './camera'
import { expect } from './pages'

const ORIGIN = process.env['PAGES'] ?? ''

interface Place {
  lat: number
  lon: number
}

/** The subscription that an imitated push service gives to the browser. */
export interface Subscription {
  endpoint: string
  keys: { p256dh: string; auth: string }
}

interface Bought {
  /** Called with the page after each start; it lets the test answer instead of the API. */
  prepare?: (page: Page) => Promise<void>
  place?: Place
  subscription?: Subscription
  /** The film that its camera sees. */
  film?: string
}

export class Phone {
  private devTools!: CDPSession
  private isOffline = false
  context!: BrowserContext
  page!: Page

  private constructor(
    private readonly folder: string,
    private readonly bought: Bought,
  ) {}

  /** A phone that is new. */
  static async bought(bought: Bought = {}): Promise<Phone> {
    const phone = new Phone(await mkdtemp(join(tmpdir(), 'phone-')), bought)
    await phone.start()
    return phone
  }

  private async start(): Promise<void> {
    const { launchOptions, trace: _trace, ...use } = config.use ?? {}
    const { prepare, place, subscription, film } = this.bought
    this.context = await chromium.launchPersistentContext(this.folder, {
      ...use,
      ...launchOptions,
      args: [...(launchOptions?.args ?? []), ...(film ? cameraOf(film) : [])],
      serviceWorkers: 'allow',
      permissions: ['geolocation', 'notifications'],
      ...(place && { geolocation: coordinates(place) }),
    })
    this.context.setDefaultTimeout(45_000)
    if (subscription) await this.context.addInitScript(withSubscription, subscription)
    this.page = this.context.pages()[0] ?? (await this.context.newPage())
    this.devTools = await this.context.newCDPSession(this.page)
    if (!prepare) return
    await prepare(this.page)
    await this.cutOff(this.page)
  }

  async go(place: Place): Promise<void> {
    this.bought.place = place
    await this.context.setGeolocation(coordinates(place))
  }

  /** Answers that a test gives would come without network, too. */
  async cutOff(page: Page): Promise<void> {
    await page.route('**/v1/**', (call) => (this.isOffline ? call.abort('internetdisconnected') : call.fallback()))
  }

  /** End the browser at once, without a chance to write anything, and start it again without network. */
  async killed(): Promise<void> {
    const ended = new Promise((then) => this.context.once('close', then))
    for (const pid of this.processes()) process.kill(pid, 'SIGKILL')
    await ended
    await this.start()
    await this.offline(true)
  }

  /** The main processes of this phone's browser, found by its folder. */
  private processes(): number[] {
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
    return pids.filter((pid) => this.isMain(commandOf(pid))).map(Number)
  }

  private isMain(command: string): boolean {
    return command.includes(this.folder) && !command.includes('--type=')
  }

  offline(is: boolean): Promise<void> {
    this.isOffline = is
    return this.context.setOffline(is)
  }

  /** Leave no room, or give it back. Chromium asks for the room only each half minute, so this waits until it is felt. */
  async full(is: boolean): Promise<void> {
    const quota = is ? { quotaSize: 1 } : {}
    await this.devTools.send('Storage.overrideQuotaForOrigin', { origin: ORIGIN, ...quota })
    for (let tries = 50; tries; tries--) {
      if ((await this.page.evaluate(tryToWrite)) !== is) return
      await this.page.waitForTimeout(2000)
    }
    throw new Error('the browser does not keep to the quota')
  }

  /** Set the clock of the phone; call it before a page is opened. */
  async clockAt(time: number): Promise<void> {
    await this.page.clock.install({ time })
  }

  /** The worker has all that the app needs without network. */
  async hasKept(paths: readonly string[]): Promise<void> {
    const missing = async (wanted: readonly string[]): Promise<string[]> => {
      const found = await Promise.all(wanted.map((path) => caches.match(path)))
      return wanted.filter((_, index) => !found[index])
    }
    for (let tries = 100; tries; tries--) {
      if (!(await this.page.evaluate(missing, paths)).length) return
      await this.page.waitForTimeout(200)
    }
    throw new Error(`the worker never kept ${paths.join(', ')}`)
  }

  /** Deliver a push, as the browser's push service would. */
  async push(push: object): Promise<void> {
    const devTools = await this.context.newCDPSession(this.page)
    const registered = new Promise<string>((then) => {
      devTools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
        const mine = registrations.find((one) => !one.isDeleted)
        if (mine) then(mine.registrationId)
      })
    })
    await devTools.send('ServiceWorker.enable')
    const registrationId = await registered
    await devTools.send('ServiceWorker.deliverPushMessage', { origin: ORIGIN, registrationId, data: JSON.stringify(push) })
  }

  notices(): Promise<{ title: string; body: string }[]> {
    return this.page.evaluate(async () => {
      const registration = await navigator.serviceWorker.ready
      const all = await registration.getNotifications()
      return all.map(({ title, body }) => ({ title, body }))
    })
  }

  async thrownAway(): Promise<void> {
    await this.context.close()
    await rm(this.folder, { recursive: true, force: true })
  }
}

const coordinates = ({ lat, lon }: Place) => ({ latitude: lat, longitude: lon })

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return '' // it has ended meanwhile
  }
}

/** True if the browser takes a write of 100 kB. Runs in the page. */
function tryToWrite(): Promise<boolean> {
  return new Promise((then) => {
    const opening = indexedDB.open('room', 1)
    opening.addEventListener('upgradeneeded', () => opening.result.createObjectStore('bytes'))
    opening.addEventListener('error', () => then(false))
    opening.addEventListener('success', () => {
      const database = opening.result
      const end = (took: boolean) => (): void => {
        database.close()
        then(took)
      }
      const transaction = database.transaction('bytes', 'readwrite')
      transaction.objectStore('bytes').put('x'.repeat(100_000), 1)
      transaction.addEventListener('complete', end(true))
      transaction.addEventListener('abort', end(false))
    })
  })
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
