import { expect, it } from 'vitest'
import { leaves, placesOf } from '../../testing/texts'
import { LOADERS } from './index'

const english = leaves((await LOADERS['en']!()).default)

it.each(Object.keys(LOADERS))('%s has the keys of English, and each text its places', async (language) => {
  const texts = leaves((await LOADERS[language]!()).default)
  expect(texts.map(([key]) => key)).toEqual(english.map(([key]) => key))
  expect(texts.map(([key, text]) => [key, placesOf(text)])).toEqual(english.map(([key, text]) => [key, placesOf(text)]))
  expect(texts.filter(([, text]) => !text.trim())).toEqual([])
})
