/** Links that open another app with the way to a place. */

import type { Point } from './model'

export const NAVIGATORS = ['phone', 'google', 'apple', 'waze'] as const
export type Navigator = (typeof NAVIGATORS)[number]

const LINKS: Record<Navigator, (place: string) => string> = {
  phone: (place) => `geo:${place}?q=${place}`,
  google: (place) => `https://www.google.com/maps/dir/?api=1&destination=${encodeURIComponent(place)}`,
  apple: (place) => `https://maps.apple.com/?daddr=${encodeURIComponent(place)}`,
  waze: (place) => `https://waze.com/ul?ll=${encodeURIComponent(place)}&navigate=yes`,
}

export function linkTo(navigator: Navigator, { lat, lon }: Point): string {
  return LINKS[navigator](`${lat.toFixed(6)},${lon.toFixed(6)}`)
}

const KEY = 'driver.navigator'

/** The app that the driver chose; iPhones know no `geo:`. */
export function chosenNavigator(agent = navigator.userAgent): Navigator {
  const kept = localStorage.getItem(KEY)
  if (NAVIGATORS.includes(kept as Navigator)) return kept as Navigator
  return /iPhone|iPad/.test(agent) ? 'apple' : /Android/.test(agent) ? 'phone' : 'google'
}

export const chooseNavigator = (navigator: Navigator): void => localStorage.setItem(KEY, navigator)
