/** Lengths, durations and weights as the driver's language and country write them. */

const MILES = new Set(['US', 'GB', 'LR', 'MM'])
const MILE_M = 1609.344
const YARD_UNITS = { far: 'mile', near: 'foot' } as const
const METRIC_UNITS = { far: 'kilometer', near: 'meter' } as const
const FOOT_M = 0.3048

function regionOf(language: string): string {
  return new Intl.Locale(language).maximize().region ?? ''
}

/** "1.2 mi" in countries that drive by miles, else "1.9 km"; below a tenth of a mile or 300 m in feet or metres. */
export function distance(metres: number, language: string): string {
  const miles = MILES.has(regionOf(language))
  const units = miles ? YARD_UNITS : METRIC_UNITS
  const far = metres / (miles ? MILE_M : 1000)
  const write = (value: number, unit: string, digits: number): string =>
    new Intl.NumberFormat(language, { style: 'unit', unit, maximumFractionDigits: digits }).format(value)
  if (metres >= (miles ? MILE_M / 10 : 300)) return write(far, units.far, far < 10 ? 1 : 0)
  return write(Math.round(metres / (miles ? FOOT_M : 1) / 10) * 10, units.near, 0)
}

/** "45 min", "1 hr 20 min"; less than a minute counts as one. */
export function duration(seconds: number, language: string): string {
  const minutes = Math.max(1, Math.round(seconds / 60))
  const write = (value: number, unit: string): string =>
    new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short' }).format(value)
  const [hours, left] = [Math.floor(minutes / 60), minutes % 60]
  if (!hours) return write(minutes, 'minute')
  return left ? `${write(hours, 'hour')} ${write(left, 'minute')}` : write(hours, 'hour')
}

/** "800 g" or "2.5 kg". */
export function weight(grams: number, language: string): string {
  const heavy = grams >= 1000
  const form = { style: 'unit', unit: heavy ? 'kilogram' : 'gram', maximumFractionDigits: 1 } as const
  return new Intl.NumberFormat(language, form).format(heavy ? grams / 1000 : grams)
}

/** "1:05": minutes and seconds that are left; "0:00" if none are. */
export function countdown(leftMs: number): string {
  const seconds = Math.max(0, Math.ceil(leftMs / 1000))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

interface Place {
  lat: number
  lon: number
}

/** Metres between two places on a sphere; exact enough for doors and for drivers' phones. */
export function metresBetween(a: Place, b: Place): number {
  const rad = Math.PI / 180
  const dLat = (b.lat - a.lat) * rad
  const dLon = (b.lon - a.lon) * rad
  const h = Math.sin(dLat / 2) ** 2 + Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * Math.sin(dLon / 2) ** 2
  return 2 * 6_371_000 * Math.asin(Math.sqrt(h))
}

const NORTH_AMERICA = new Set(['US', 'CA', 'MX'])

/** The number of the country's emergency services; 112 works in Europe and in most mobile networks. */
export const emergencyNumber = (language: string): string => (NORTH_AMERICA.has(regionOf(language)) ? '911' : '112')
