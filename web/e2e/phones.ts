/** A phone whose browser can be killed, filled up, cut off and woken by pushes. */

import { readFileSync, readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, type CDPSession, type Page, chromium } from '@playwright/test'

const ORIGIN = process.env['PAGES'] ?? ''

export class Phone {
  private context!: BrowserContext
  private devTools!: CDPSession
  private isOffline = false
  private registrationId: string | null = null
  page!: Page

  private constructor(
    private readonly folder: string,
    private readonly prepare: (page: Page) => Promise<void>,
  ) {}

  /** A phone that is new, with what `prepare` does to its page after each start. */
  static async bought(prepare: (page: Page) => Promise<void> = async () => {}): Promise<Phone> {
    const phone = new Phone(await mkdtemp(join(tmpdir(), 'phone-')), prepare)
    await phone.start()
    return phone
  }

  private async start(): Promise<void> {
    this.context = await chromium.launchPersistentContext(this.folder, {
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      args: ['--enable-unsafe-swiftshader', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE *.localhost, EXCLUDE 127.0.0.1'],
      baseURL: ORIGIN,
      serviceWorkers: 'allow',
      viewport: { width: 412, height: 839 },
      hasTouch: true,
      locale: 'en-US',
      permissions: ['geolocation', 'notifications'],
    })
    this.page = this.context.pages()[0] ?? (await this.context.newPage())
    this.devTools = await this.context.newCDPSession(this.page)
    await this.prepare(this.page)
    await this.cutOff(this.page)
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

  /** Leave no room, or give it back. A browser that does not obey fails the test, or the test would prove nothing. */
  async full(is: boolean): Promise<void> {
    const quota = is ? { quotaSize: 1 } : {}
    await this.devTools.send('Storage.overrideQuotaForOrigin', { origin: ORIGIN, ...quota })
    const { overrideActive } = await this.devTools.send('Storage.getUsageAndQuota', { origin: ORIGIN })
    if (overrideActive !== is) throw new Error('the browser does not keep to the quota')
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
    this.registrationId ??= await this.registered()
    const { registrationId } = this
    await this.devTools.send('ServiceWorker.deliverPushMessage', {
      origin: ORIGIN,
      registrationId,
      data: JSON.stringify(push),
    })
  }

  private async registered(): Promise<string> {
    const devTools = await this.context.newCDPSession(this.page)
    return new Promise((then) => {
      devTools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
        const [mine] = registrations
        if (mine) then(mine.registrationId)
      })
      void devTools.send('ServiceWorker.enable')
      this.devTools = devTools
    })
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

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return '' // it has ended meanwhile
  }
}
