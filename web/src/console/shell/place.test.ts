import { expect, it } from 'vitest'
import { type Place, VIEWS, addressOf, placeOf } from './place'

it('each place has an address, and the address leads back to it', () => {
  for (const view of VIEWS)
    for (const zone of ['harbour', null])
      for (const [delivery, driver, subject] of [
        [null, null, null],
        ['d 1&2', null, null],
        [null, 'ä', 's/1'],
      ] as const) {
        const place: Place = { zone, view: zone ? view : 'live', delivery, driver, subject }
        const [path = '', query = ''] = addressOf(place).split('?')
        expect(placeOf(path, query)).toEqual(place)
      }
})

it('an address that names no view is the live view', () => {
  expect(placeOf('/console/harbour/nothing', '').view).toBe('live')
  expect(placeOf('/console', '').zone).toBeNull()
})
