/** Sentences about stops, which several screens say. */

import { fill } from '../../parts/texts'
import { timeOfDay } from '../../parts/time'
import type { App } from '../app'
import type { Refusal } from '../queue'
import type { Group, Needs } from '../stops'

const MOST_NUMBERS = 3

type Said = Pick<App, 'texts' | 'language' | 'now'>

export const at = ({ language, now }: Said, moment: string): string => timeOfDay(moment, now(), language)

/** The words for a code of the API; a code without words is shown with spaces, so that nothing is hidden. */
export const spoken = (words: Record<string, string>, code: string): string => words[code] ?? code.replaceAll('_', ' ')

export function titleOf({ texts }: Said, { first, stops }: Group): string {
  const kind = texts.route.kind[first.kind]
  return stops.length > 1 ? `${kind} · ${fill(texts.route.count, { count: stops.length })}` : kind
}

export function ordersOf({ texts }: Said, { stops }: Group): string {
  const numbers = stops.map((stop) => stop.order_number)
  if (numbers.length === 1) return fill(texts.route.order, { number: numbers[0] ?? '' })
  const more = numbers.length > MOST_NUMBERS ? ' …' : ''
  return fill(texts.route.orders, { numbers: numbers.slice(0, MOST_NUMBERS).join(', ') + more })
}

/** "until 6:40 PM" for a stop that may begin at any time, else its window. */
export function windowOf(said: Said, { first }: Group): string {
  const { texts, now } = said
  if (Date.parse(first.opens_at) <= now()) return fill(texts.route.until, { time: at(said, first.closes_at) })
  return fill(texts.route.between, { from: at(said, first.opens_at), to: at(said, first.closes_at) })
}

/** Where a stop is: its address, or in words what the driver may know of it yet. */
export const placeOf = ({ texts }: Said, { contact, is_area }: Group['first']): string =>
  contact?.address ?? (is_area ? texts.route.area : texts.route.transfer)

export const isLate = ({ first }: Group): boolean =>
  first.eta !== null && Date.parse(first.eta) > Date.parse(first.closes_at)

/** The words for all that has to be captured. */
export function needsSaid({ texts }: Said, needs: Needs): string[] {
  const { need } = texts.stop
  return [
    needs.codes > 0 && fill(need.codes, { count: needs.codes }),
    needs.photo && need.photo,
    needs.signature && need.signature,
    needs.pin && need.pin,
    needs.minimumAge !== null && fill(need.age, { age: needs.minimumAge }),
    needs.idAge !== null && (needs.idAge ? fill(need.id_age, { age: needs.idAge }) : need.id),
    needs.affirmations.length > 0 && need.affirmations,
    needs.printedName && need.printed_name,
    needs.relation && need.relation,
    needs.temperature !== null && need.temperature,
    needs.disposition && need.disposition,
  ].filter((one): one is string => Boolean(one))
}

/** The sentence that tells what to do about a refusal; a general one with the code for codes without their own. */
export function refusalSaid({ texts }: Pick<Said, 'texts'>, { code }: Pick<Refusal, 'code'>): string {
  const { other, ...known } = texts.refusal
  return (known as Record<string, string>)[code] ?? fill(other, { code: code || '?' })
}
