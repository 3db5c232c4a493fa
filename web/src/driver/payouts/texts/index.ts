import { type Loaders, load } from '../../../parts/texts'
import type english from './en.json'

export type Words = typeof english

/** Words of screens that are seldom opened; they are fetched with them. */
export const LOADERS: Loaders<Words> = {
  en: () => import('./en.json'),
  es: () => import('./es.json'),
  de: () => import('./de.json'),
}

export const loadWords = async (): Promise<Words> => (await load(LOADERS)).texts
