import { type Loaders, load } from '../../../parts/texts'
import type english from './en.json'

export type OnboardingTexts = typeof english

export const LOADERS: Loaders<OnboardingTexts> = {
  en: () => import('./en.json'),
  es: () => import('./es.json'),
  de: () => import('./de.json'),
}

export const loadTexts = (): Promise<{ texts: OnboardingTexts; language: string }> => load(LOADERS)
