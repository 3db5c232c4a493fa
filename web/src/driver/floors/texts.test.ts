import { expect, it } from 'vitest'
import { type Tree, leaves, placesOf } from '../../parts/testing/texts'
import ofStaffDe from '../../console/floors/texts/de.json'
import ofStaffEn from '../../console/floors/texts/en.json'
import ofStaffEs from '../../console/floors/texts/es.json'
import de from './texts/de.json'
import en from './texts/en.json'
import es from './texts/es.json'

const places = (tree: Tree) =>
  leaves(tree)
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([key, text]) => [key, placesOf(text)])

it('each language has the same texts with the same places, for drivers and for staff', () => {
  for (const [english, ...others] of [
    [en, es, de],
    [ofStaffEn, ofStaffEs, ofStaffDe],
  ] as const) {
    for (const other of others) expect(places(other as Tree)).toEqual(places(english as Tree))
  }
  expect([en, es, de, ofStaffEn, ofStaffEs, ofStaffDe].flatMap((texts) => leaves(texts)).filter(([, text]) => !text.trim())).toEqual([])
})
