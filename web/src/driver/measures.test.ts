import { expect, it } from 'vitest'
import { countdown, distance, duration, metresBetween, weight } from './measures'
import { linkTo } from './navigation'

it('distances are written in the units of the country', () => {
  expect([distance(1900, 'en-US'), distance(100, 'en-US'), distance(1900, 'de'), distance(240, 'es')]).toEqual([
    '1.2 mi',
    '330 ft',
    '1,9 km',
    '240 m',
  ])
  expect([distance(16_100, 'en-GB'), distance(16_100, 'en-IE')]).toEqual(['10 mi', '16 km'])
})

it('durations are whole minutes, at least one', () => {
  expect([duration(10, 'en'), duration(2700, 'en'), duration(4800, 'en'), duration(7200, 'en')]).toEqual([
    '1 min',
    '45 min',
    '1 hr 20 min',
    '2 hr',
  ])
})

it('weights are grams or kilograms', () => {
  expect([weight(800, 'en'), weight(2500, 'de')]).toEqual(['800 g', '2,5 kg'])
})

it('a countdown never goes below none', () => {
  expect([countdown(65_000), countdown(900), countdown(-5000)]).toEqual(['1:05', '0:01', '0:00'])
})

it('a degree of latitude is 111 km', () => {
  expect(metresBetween({ lat: 39, lon: -76 }, { lat: 40, lon: -76 })).toBeCloseTo(111_195, -2)
})

it('each navigator is given the place in its own form', () => {
  const place = { lat: 39.29, lon: -76.61 }
  expect(linkTo('phone', place)).toBe('geo:39.290000,-76.610000?q=39.290000,-76.610000')
  expect(linkTo('google', place)).toContain('destination=39.290000%2C-76.610000')
  expect(linkTo('waze', place)).toContain('ll=39.290000%2C-76.610000')
  expect(linkTo('apple', place)).toContain('daddr=')
})
