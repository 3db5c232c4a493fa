/** Texts of the documents view, which are fetched with it. */

import de from './de.json'
import en from './en.json'
import es from './es.json'
import { choose } from '../../parts/texts'

export type ReviewTexts = typeof en

const LANGUAGES: Record<string, ReviewTexts> = { en, es, de }

/** The texts of a language, as the console shows it. */
export const reviewTexts = (language: string): ReviewTexts => LANGUAGES[choose([language], Object.keys(LANGUAGES))] ?? en
