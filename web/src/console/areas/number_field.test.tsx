import { render } from 'preact'
import { act } from 'preact/test-utils'
import { afterEach, expect, it, vi } from 'vitest'
import { NumberField } from './number_field'

const place = document.createElement('div')
afterEach(() => render(null, place))

const draw = (value: number, set: (value: number) => void = () => {}): Promise<void> =>
  act(() => render(<NumberField label="Radius" value={value} least={50} most={500} set={set} />, place))

async function type(text: string, kind: 'input' | 'change'): Promise<void> {
  const field = place.querySelector('input')!
  field.value = text
  await act(() => void field.dispatchEvent(new Event(kind, { bubbles: true })))
}

const shown = (): string => place.querySelector('input')!.value

it('what is being typed stays when the field is drawn again', async () => {
  await draw(300)
  await type('40', 'input')
  await draw(300)
  expect(shown()).toBe('40')
})

it('a number within the limits is taken when the field is left', async () => {
  const set = vi.fn()
  await draw(300, set)
  await type('400', 'input')
  expect(set).not.toHaveBeenCalled()
  await type('400', 'change')
  expect(set.mock.calls).toEqual([[400]])
})

it('a number outside of the limits is not taken, and the known one comes back', async () => {
  const set = vi.fn()
  await draw(300, set)
  await type('9000', 'input')
  await type('9000', 'change')
  expect(set).not.toHaveBeenCalled()
  expect(shown()).toBe('300')
})
