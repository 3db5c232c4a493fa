/** Texts of documents and training, which are fetched with their screens. */

import de from './de.json'
import en from './en.json'
import es from './es.json'
import { choose } from '../../parts/texts'

export type PaperTexts = typeof en

const LANGUAGES: Record<string, PaperTexts> = { en, es, de }

/** The texts of a language, as the app shows it. */
export const paperTexts = (language: string): PaperTexts => LANGUAGES[choose([language], Object.keys(LANGUAGES))] ?? en
