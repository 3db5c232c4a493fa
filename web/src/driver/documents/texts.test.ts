import { expect, it } from 'vitest'
import { type Tree, leaves, placesOf } from '../../parts/testing/texts'
import de from './de.json'
import en from './en.json'
import es from './es.json'
import { paperTexts } from './texts'

const places = (tree: Tree) =>
  leaves(tree)
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([key, text]) => [key, placesOf(text)])

it('each language has the same texts with the same places', () => {
  expect(places(es)).toEqual(places(en))
  expect(places(de)).toEqual(places(en))
  expect([en, es, de].flatMap((texts) => leaves(texts)).filter(([, text]) => !text.trim())).toEqual([])
})

it('the language of the app is used', () => {
  expect(paperTexts('de-AT')).toBe(de)
  expect(paperTexts('fi')).toBe(en)
})
