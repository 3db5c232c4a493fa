import { expect, it } from 'vitest'
import { leaves, placesOf } from '../../../parts/testing/texts'
import { LOADERS as CONSOLE } from '../../../console/conduct/texts'
import { LOADERS as CLAIMS } from '../../../console/claims/texts'
import { LOADERS as INVOICES } from '../../../console/invoices/texts'
import { LOADERS as DRIVERS_CLAIMS } from '../../claims/texts'
import { LOADERS as DRIVER } from './index'

it.each([
  ['driver', DRIVER, 'es'],
  ['driver', DRIVER, 'de'],
  ['console', CONSOLE, 'es'],
  ['console', CONSOLE, 'de'],
  ['claims', CLAIMS, 'es'],
  ['claims', CLAIMS, 'de'],
  ['invoices', INVOICES, 'es'],
  ['invoices', INVOICES, 'de'],
  ["driver's claims", DRIVERS_CLAIMS, 'es'],
  ["driver's claims", DRIVERS_CLAIMS, 'de'],
])('%s: the words of conduct are complete in %s', async (_, loaders, language) => {
  const english = leaves((await loaders['en']!()).default)
  const texts = leaves((await loaders[language]!()).default)
  expect(texts.map(([key, text]) => [key, placesOf(text)])).toEqual(english.map(([key, text]) => [key, placesOf(text)]))
  expect(texts.filter(([, text]) => !text.trim())).toEqual([])
  const long = english.filter(([, text]) => text.split(' ').length > 3)
  const known = new Map(texts)
  expect(long.filter(([key, text]) => known.get(key) === text)).toEqual([])
})
