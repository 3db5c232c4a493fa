import { expect, it } from 'vitest'
import { LOADERS } from './index'

type Tree = { [key: string]: string | Tree }

function leaves(tree: Tree, path = ''): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [[`${path}${key}`, value] as [string, string]] : leaves(value, `${path}${key}.`),
  )
}

const placesOf = (text: string): string => (text.match(/\{\w+\}/g) ?? []).toSorted().join()
const english = leaves((await LOADERS['en']!()).default)
/** A map that is shown needs no words. */
const SILENT = ['map.shown']

it.each(Object.keys(LOADERS))('%s has the keys of English, and each text its places', async (language) => {
  const texts = leaves((await LOADERS[language]!()).default)
  expect(texts.map(([key]) => key)).toEqual(english.map(([key]) => key))
  expect(texts.map(([key, text]) => [key, placesOf(text)])).toEqual(english.map(([key, text]) => [key, placesOf(text)]))
  expect(texts.filter(([key, text]) => !text.trim() && !SILENT.includes(key))).toEqual([])
})

it.each(['es', 'de'])('%s is no copy of English', async (language) => {
  const texts = new Map(leaves((await LOADERS[language]!()).default))
  const words = english.filter(([, text]) => /[a-z]{4}.* .*[a-z]{4}/i.test(text.replaceAll(/\{\w+\}/g, '')))
  expect(words.filter(([key, text]) => texts.get(key) === text)).toEqual([])
})
