import { expect, it } from 'vitest'
import { LOADERS } from './texts'

type Tree = { [key: string]: string | Tree }

function leaves(tree: Tree, path = ''): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [[`${path}${key}`, value] as [string, string]] : leaves(value, `${path}${key}.`),
  )
}

const placesOf = (text: string): string => (text.match(/\{\w+\}/g) ?? []).toSorted().join()
const english = new Map(leaves((await LOADERS['en']!()).default))

it.each(Object.keys(LOADERS))('%s has the keys of English, and each text its places', async (language) => {
  const texts = leaves((await LOADERS[language]!()).default)
  expect(texts.map(([key]) => key).toSorted()).toEqual([...english.keys()].toSorted())
  expect(texts.filter(([key, text]) => placesOf(text) !== placesOf(english.get(key)!))).toEqual([])
  expect(texts.filter(([, text]) => !text.trim())).toEqual([])
})
