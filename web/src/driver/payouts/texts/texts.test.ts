import { expect, it } from 'vitest'
import { leaves, placesOf } from '../../../parts/testing/texts'
import { LOADERS } from './index'

it.each(['es', 'de'])('the words of payouts are complete in %s', async (language) => {
  const english = leaves((await LOADERS['en']!()).default)
  const texts = leaves((await LOADERS[language]!()).default)
  expect(texts.map(([key, text]) => [key, placesOf(text)])).toEqual(english.map(([key, text]) => [key, placesOf(text)]))
  expect(texts.filter(([, text]) => !text.trim())).toEqual([])
  const known = new Map(texts)
  const long = english.filter(([, text]) => text.split(' ').length > 3)
  expect(long.filter(([key, text]) => known.get(key) === text)).toEqual([])
})
