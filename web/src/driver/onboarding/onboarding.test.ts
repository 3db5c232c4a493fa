import { expect, it } from 'vitest'
import type { Schemas } from '../../parts/client'
import { LOADERS } from './texts'
import english from './texts/en.json'
import { toldOf } from './use_send'
import { saidOf } from './words'

type Tree = { [key: string]: string | string[] | Tree }

function leaves(tree: Tree, path = ''): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [[`${path}${key}`, value] as [string, string]] : leaves(value as Tree, `${path}${key}.`),
  )
}

const placesOf = (text: string): string => (text.match(/\{\w+\}/g) ?? []).toSorted().join()

it.each(Object.keys(LOADERS))('%s has the keys of English, and each text its places', async (language) => {
  const texts = leaves((await LOADERS[language]!()).default)
  const known = new Map(leaves(english))
  expect(texts.map(([key]) => key).toSorted()).toEqual([...known.keys()].toSorted())
  expect(texts.filter(([key, text]) => placesOf(text) !== placesOf(known.get(key)!))).toEqual([])
  expect(texts.filter(([, text]) => !text.trim())).toEqual([])
})

const step = (change: Partial<Schemas['OnboardingStep']>): Schemas['OnboardingStep'] => ({
  name: 'documents',
  state: 'missing',
  why: 'documents_missing',
  missing: ['identity', 'something_new'],
  next_by: 'you',
  ...change,
})

it('a step names what is missing, also what the app has no word for', () => {
  expect(saidOf(step({}), english)).toBe('Missing: identity document, something_new.')
})

it('a step says who is next unless it is the reader', () => {
  expect(saidOf(step({ why: 'documents_in_review', next_by: 'staff' }), english)).toContain('We are next.')
  expect(saidOf(step({ why: 'done', next_by: null, missing: [] }), english)).toBe('')
})

it('a refusal tells of the first wrong field', () => {
  const problem = { detail: 'all', errors: [{ pointer: '/address/zip', detail: 'five digits' }] }
  expect(toldOf(problem, english).detail).toBe('zip: five digits')
  expect(toldOf({ detail: 'You are too late.' }, english).detail).toBe('You are too late.')
  expect(toldOf(undefined, english).detail).toBe('')
})
