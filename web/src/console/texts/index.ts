import { type Loaders, load } from '../../parts/texts'
import type english from './en.json'

export type Texts = typeof english

export const LOADERS: Loaders<Texts> = {
  en: () => import('./en.json'),
  es: () => import('./es.json'),
  de: () => import('./de.json'),
}

export const loadTexts = (): Promise<{ texts: Texts; language: string }> => load(LOADERS)
