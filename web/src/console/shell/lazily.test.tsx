import { render } from 'preact'
import { act } from 'preact/test-utils'
import { afterEach, expect, it, vi } from 'vitest'
import { LOADERS } from '../texts'
import { type Desk, DeskProvider } from './desk'
import { lazily } from './lazily'

const texts = (await LOADERS['en']!()).default
const place = document.createElement('div')
afterEach(() => render(null, place))

/** Wait for what was fetched, and draw it. */
const settled = (): Promise<void> => act(() => new Promise((done) => setTimeout(done, 20)))

const draw = async (View: (props: { name: string }) => preact.JSX.Element): Promise<void> => {
  await act(() =>
    render(
      <DeskProvider value={{ texts } as Desk}>
        <View name="law" />
      </DeskProvider>,
      place,
    ),
  )
  await settled()
}

const Shown = ({ name }: { name: string }) => <p>{name} is shown</p>

it('a view is fetched once, when it is first shown', async () => {
  const load = vi.fn(async () => Shown)
  const View = lazily(load)
  expect(load).not.toHaveBeenCalled()
  await draw(View)
  expect(place.textContent).toBe('law is shown')
  render(null, place)
  await draw(View)
  expect(place.textContent).toBe('law is shown')
  expect(load).toHaveBeenCalledTimes(1)
})

it('a view that could not be fetched is asked for again by a button', async () => {
  const load = vi.fn(async () => Shown).mockRejectedValueOnce(new TypeError('no network'))
  const View = lazily(load)
  await draw(View)
  expect(place.querySelector('[role=status]')!.textContent).toBe(texts.trouble.failed.text)
  await act(() => place.querySelector('button')!.click())
  await settled()
  expect(place.textContent).toBe('law is shown')
})
