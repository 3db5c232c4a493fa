/**
 * WebKitGTK by the W3C WebDriver protocol: the engine that is nearest to Safari and runs here.
 *
 * It has no headless mode, so its driver is started under xvfb-run. It lacks push, background sync and BarcodeDetector.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'

const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf'
const BROWSER = process.env['WEBKIT'] ?? ''
const PATIENCE_MS = 60_000

/** True if WebKitGTK and all that it needs is on this machine; `make e2e` finds it. */
export const hasWebKit = BROWSER !== ''

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const address = server.address()
  await new Promise((closed) => server.close(closed))
  if (typeof address !== 'object' || !address) throw new Error('no free port')
  return address.port
}

const pause = (ms: number): Promise<void> => new Promise((over) => setTimeout(over, ms))

export class WebKit {
  private constructor(
    private readonly driver: ChildProcess,
    private readonly base: string,
    private session: string,
  ) {}

  /** Start the browser with an empty profile, which is gone with `close`. */
  static async open(): Promise<WebKit> {
    const port = await freePort()
    const command = ['-a', '-s', '-screen 0 1280x1024x24', 'WebKitWebDriver', `--port=${port}`, '--host=127.0.0.1']
    const driver = spawn('xvfb-run', command, { stdio: 'ignore', detached: true })
    const browser = new WebKit(driver, `http://127.0.0.1:${port}`, '')
    await browser.until('the driver of WebKit answers', () => browser.call('GET', '/status'))
    const options = { binary: BROWSER, args: ['--automation'] }
    const wanted = { browserName: 'MiniBrowser', 'webkitgtk:browserOptions': options }
    const opened = await browser.call<{ sessionId: string }>('POST', '/session', {
      capabilities: { alwaysMatch: wanted },
    })
    browser.session = `/session/${opened.sessionId}`
    return browser
  }

  async close(): Promise<void> {
    await this.call('DELETE', this.session).catch(() => undefined)
    if (this.driver.pid) process.kill(-this.driver.pid)
  }

  private async call<T>(method: string, path: string, body: object = {}): Promise<T> {
    const sent = method === 'POST' ? { method, body: JSON.stringify(body) } : { method }
    const answer = await fetch(this.base + path, { ...sent, signal: AbortSignal.timeout(60_000) })
    const { value } = (await answer.json()) as { value: T & { error?: string; message?: string } }
    if (!answer.ok) throw new Error(`${path}: ${value.error} ${value.message}`)
    return value
  }

  /** Repeat until it neither throws nor returns false. */
  async until(what: string, act: () => Promise<unknown>): Promise<void> {
    const end = Date.now() + PATIENCE_MS
    for (let last = 'it is false'; ; await pause(200)) {
      try {
        if ((await act()) !== false) return
      } catch (error) {
        last = String(error)
      }
      if (Date.now() > end) throw new Error(`in vain: ${what}; ${last}`)
    }
  }

  async go(url: string): Promise<void> {
    await this.call('POST', `${this.session}/url`, { url })
  }

  async reload(): Promise<void> {
    await this.call('POST', `${this.session}/refresh`)
  }

  /** Not narrower than 447 pixels. */
  async size(width: number, height: number): Promise<void> {
    await this.call('POST', `${this.session}/window/rect`, { width, height })
  }

  /** Run the body of an async function in the page and return what it returns. */
  async run<T>(body: string, ...given: unknown[]): Promise<T> {
    const script = `const done = arguments[arguments.length - 1]; const given = [...arguments].slice(0, -1);
      (async () => { ${body} })().then((value) => done({ value: value ?? null }), (error) => done({ error: String(error) }))`
    const told = await this.call<{ value: T; error?: string }>('POST', `${this.session}/execute/async`, {
      script,
      args: given,
    })
    if (told.error) throw new Error(told.error)
    return told.value
  }

  private async element(xpath: string): Promise<string> {
    const found = await this.call<Record<string, string>>('POST', `${this.session}/element`, {
      using: 'xpath',
      value: xpath,
    })
    // Actions and clicks do not scroll by themselves.
    await this.run(`given[0].scrollIntoView({ block: 'center' })`, found)
    return found[ELEMENT] ?? ''
  }

  /** The element, once it is there. */
  private async awaited(xpath: string): Promise<string> {
    let found = ''
    await this.until(`${xpath} is there`, async () => {
      found = await this.element(xpath)
    })
    return found
  }

  async click(xpath: string): Promise<void> {
    await this.until(`a click on ${xpath}`, async () => {
      await this.call('POST', `${this.session}/element/${await this.element(xpath)}/click`)
    })
  }

  /** Type into a field; into a file input the absolute path of a file. */
  async type(xpath: string, text: string): Promise<void> {
    await this.call('POST', `${this.session}/element/${await this.awaited(xpath)}/value`, { text })
  }

  /** Draw a line over an element, from its middle, in pixels. */
  async draw(xpath: string, points: [number, number][]): Promise<void> {
    const origin = { [ELEMENT]: await this.awaited(xpath) }
    const [first, ...rest] = points.map(([x, y]) => ({ type: 'pointerMove', duration: 50, origin, x, y }))
    const actions = [first, { type: 'pointerDown', button: 0 }, ...rest, { type: 'pointerUp', button: 0 }]
    const pointer = { type: 'pointer', id: 'mouse', parameters: { pointerType: 'mouse' }, actions }
    await this.call('POST', `${this.session}/actions`, { actions: [pointer] })
  }

  /** Wait until the page shows a text. */
  async sees(text: string): Promise<void> {
    await this.until(`the page says "${text}"`, () => this.run('return document.body.innerText.includes(given[0])', text))
  }

  /** Go on in a new tab; the old one is closed as if it were killed, and what is stored stays. */
  async newTab(): Promise<void> {
    const opened = await this.call<{ handle: string }>('POST', `${this.session}/window/new`, { type: 'tab' })
    await this.call('DELETE', `${this.session}/window`)
    await this.call('POST', `${this.session}/window`, { handle: opened.handle })
  }

  async screenshot(path: string): Promise<void> {
    const png = await this.call<string>('GET', `${this.session}/screenshot`)
    writeFileSync(path, Buffer.from(png, 'base64'))
  }

  /** The count of colours in an element: a blank map has few hundreds, a drawn one thousands. */
  async colours(xpath: string): Promise<number> {
    const png = await this.call<string>('GET', `${this.session}/element/${await this.element(xpath)}/screenshot`)
    return this.run(
      `const image = new Image()
      image.src = 'data:image/png;base64,' + given[0]
      await image.decode()
      const ink = new OffscreenCanvas(image.width, image.height).getContext('2d')
      ink.drawImage(image, 0, 0)
      return new Set(new Uint32Array(ink.getImageData(0, 0, image.width, image.height).data.buffer)).size`,
      png,
    )
  }
}
