/** The difference of two price tables, row by row: rows belong together if their dimensions are the same. */

import type { Schemas } from '../../parts/client'

export type Table = Schemas['TableWithSimulation']

/** The columns that say for what a row is; all others say how much. */
const DIMENSIONS = new Set(['zone', 'goods', 'urgency', 'size', 'days', 'from', 'to', 'valid_from', 'valid_to', 'delivered_from'])

export interface Change {
  /** For what the row is, in words of its cells; empty for the general row. */
  row: string
  column: string
  before: string | null
  after: string | null
}

type Rows = Map<string, Map<string, string>>

function rowsOf({ columns, cells }: Pick<Table, 'columns' | 'cells'>): Rows {
  const rows: Rows = new Map()
  for (const texts of cells) {
    const filled = columns.flatMap((name, at) => (texts[at] ? [[name, texts[at]] as const] : []))
    const key = filled.flatMap(([name, text]) => (DIMENSIONS.has(name) ? [`${name} ${text}`] : [])).join(' · ')
    rows.set(key, new Map(filled.filter(([name]) => !DIMENSIONS.has(name))))
  }
  return rows
}

/** Differences of one table from another; a null is a row or a figure that one of them lacks. */
export function changesOf(before: Pick<Table, 'columns' | 'cells'>, after: Pick<Table, 'columns' | 'cells'>): Change[] {
  const [old, now] = [rowsOf(before), rowsOf(after)]
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((row) => {
    const [was, is] = [old.get(row), now.get(row)]
    const columns = [...new Set([...(was?.keys() ?? []), ...(is?.keys() ?? [])])]
    return columns
      .map((column) => ({ row, column, before: was?.get(column) ?? null, after: is?.get(column) ?? null }))
      .filter((one) => one.before !== one.after)
  })
}
