/** Figures of rules as a person reads them. */

import { fill } from '../../parts/texts'
import type { LawRule } from '../api/types'
import type { Texts } from '../texts'

/** "60 seconds", "0.77 USD per mile", "pay, distance"; a unit without words stands as the API has it. */
export function figureWords({ figure, unit }: Pick<LawRule, 'figure' | 'unit'>, texts: Texts): string {
  if (!figure) return texts.law.no_figure
  if (unit === 'flag') return figure === 'yes' ? texts.law.yes : texts.law.no
  if (unit === 'list') return figure.split(';').map((item) => item.replaceAll('_', ' ')).join(', ')
  if (unit === 'hours_span') return figure.split(';').map((span) => span.replace('-', '–')).join(', ')
  const units: Record<string, string> = texts.law.unit
  return fill(units[unit] ?? (['text', 'date', 'money', 'count'].includes(unit) ? '{figure}' : `{figure} ${unit.replaceAll('_', ' ')}`), { figure })
}

/** A day of the tables in the reader's language. */
export const dayWords = (day: string, language: string): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(`${day}T00:00:00Z`))
