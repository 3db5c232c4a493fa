import { type Loaders, load } from '../../../parts/texts'
import type english from './en.json'

export type ApplicationTexts = typeof english

export const LOADERS: Loaders<ApplicationTexts> = {
  en: () => import('./en.json'),
  es: () => import('./es.json'),
  de: () => import('./de.json'),
}

export const loadTexts = (): Promise<{ texts: ApplicationTexts; language: string }> => load(LOADERS)
