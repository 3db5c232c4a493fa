import { render } from 'preact'
import { act } from 'preact/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import * as reading from '../api/reading'
import type { Live } from '../live/diff'
import { useDriverNames } from './names'

const place = document.createElement('div')
const asked = vi.spyOn(reading, 'driverNames')
const LIVE = { driverOf: new Map([['drv_on', { name: 'Ada Lund' }]]) } as unknown as Live
const IDS = ['drv_on', 'drv_off001', 'drv_off002', 'drv_off001']
const REFUSED = { status: 503, code: 'busy', detail: null, errors: [], retryAfterS: null }

function Names({ live }: { live: Live | null }) {
  return <p>{IDS.map(useDriverNames(live)).join(' ')}</p>
}

const shown = (live: Live | null): Promise<void> => act(() => render(<Names live={live} />, place))
const later = (): Promise<void> => act(async () => void (await vi.advanceTimersByTimeAsync(100)))

beforeEach(() => {
  vi.useFakeTimers()
  asked.mockReset()
})
afterEach(() => {
  render(null, place)
  vi.useRealTimers()
})

it('names of drivers who are not on the map are asked for together and once', async () => {
  asked.mockResolvedValue({ data: { drivers: [{ driver_id: 'drv_off001', name: 'Ben Okoro' }] }, problem: null })
  await shown(LIVE)
  expect(place.textContent).toBe('Ada Lund …off001 …off002 …off001')
  await later()
  expect(place.textContent).toBe('Ada Lund Ben Okoro …off002 Ben Okoro')
  await shown({ ...LIVE, driverOf: new Map(LIVE.driverOf) })
  await later()
  expect(asked.mock.calls).toEqual([[['drv_off001', 'drv_off002']]])
})

it('before the map is there nobody is asked for', async () => {
  await shown(null)
  await later()
  expect(asked).not.toHaveBeenCalled()
})

it('after a failure the next drawing asks again', async () => {
  asked.mockResolvedValueOnce({ data: null, problem: REFUSED })
  asked.mockResolvedValueOnce({ data: { drivers: [{ driver_id: 'drv_off001', name: 'Ben Okoro' }] }, problem: null })
  await shown(LIVE)
  await later()
  expect(place.textContent).toContain('…off001')
  await shown({ ...LIVE, driverOf: new Map(LIVE.driverOf) })
  await later()
  expect(place.textContent).toContain('Ben Okoro')
})
