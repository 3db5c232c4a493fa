import { expect, it } from 'vitest'
import de from './de.json'
import en from './en.json'
import es from './es.json'
import { paperTexts } from './texts'

type Tree = { [key: string]: string | Tree }

const leaves = (tree: Tree, path = ''): [string, string][] =>
  Object.entries(tree)
    .flatMap(([key, value]): [string, string][] =>
      typeof value === 'string' ? [[`${path}${key}`, value]] : leaves(value, `${path}${key}.`),
    )
    .toSorted(([a], [b]) => a.localeCompare(b))
const places = (tree: Tree) => leaves(tree).map(([key, text]) => [key, (text.match(/\{\w+\}/g) ?? []).toSorted().join()])

it('each language has the same texts with the same places', () => {
  expect(places(es)).toEqual(places(en))
  expect(places(de)).toEqual(places(en))
  expect([en, es, de].flatMap((texts) => leaves(texts)).filter(([, text]) => !text.trim())).toEqual([])
})

it('the language of the app is used', () => {
  expect(paperTexts('de-AT')).toBe(de)
  expect(paperTexts('fi')).toBe(en)
})
