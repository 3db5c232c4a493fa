import { expect, it } from 'vitest'
import { leaves, placesOf } from '../../../parts/testing/texts'
import { LOADERS as EXCEPTIONS } from '../../exceptions/texts'
import { LOADERS as LEDGER } from '../../ledger/texts'
import { LOADERS as PAYOUTS } from './index'

const VIEWS = { payouts: PAYOUTS, ledger: LEDGER, exceptions: EXCEPTIONS }
const EACH = Object.entries(VIEWS).flatMap(([view, loaders]) => ['es', 'de'].map((language) => [view, language, loaders] as const))

it.each(EACH)('%s: the words are complete in %s', async (_, language, loaders) => {
  const english = leaves((await loaders['en']!()).default)
  const texts = leaves((await loaders[language]!()).default)
  expect(texts.map(([key, text]) => [key, placesOf(text)])).toEqual(english.map(([key, text]) => [key, placesOf(text)]))
  expect(texts.filter(([, text]) => !text.trim())).toEqual([])
  const long = english.filter(([key, text]) => /[a-z]{4}.* .*[a-z]{4}/i.test(text.replaceAll(/\{\w+\}/g, '')) && !key.startsWith('exports.formats'))
  const known = new Map(texts)
  expect(long.filter(([key, text]) => known.get(key) === text)).toEqual([])
})
