import { render } from 'preact'
import { act } from 'preact/test-utils'
import { afterEach, expect, it } from 'vitest'
import { useAddress } from './address'

function Screen() {
  return <p>{useAddress().screen}</p>
}

afterEach(() => {
  render(null, document.body)
  history.replaceState(null, '', '#')
})

it('an address that changes right after the first painting is shown', async () => {
  history.replaceState(null, '', '#/route')
  render(<Screen />, document.body)
  history.replaceState(null, '', '#/more')
  await act(() => new Promise((over) => setTimeout(over, 50)))
  expect(document.body.textContent).toBe('more')
})
