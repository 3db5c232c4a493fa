/** Answers of the API: data, or the problem that stands in its place. A call that does not arrive is a problem too. */

import { refusalOf } from '../../parts/client'

export interface Problem {
  /** As in HTTP; 0 if no answer came. */
  status: number
  code: string
  detail: string | null
  /** Errors by field. */
  errors: { pointer: string; detail: string }[]
  retryAfterS: number | null
}

export type Answer<Data> = { data: Data; problem: null } | { data: null; problem: Problem }

/** An answer as openapi-fetch returns it. */
interface Raw<Data> {
  data?: Data | undefined
  error?: unknown
  response: Response
}

export const LONGEST_ANSWER_MS = 30_000

const text = (value: unknown): string | null => (typeof value === 'string' && value ? value : null)

function errorsOf(error: unknown): Problem['errors'] {
  const listed = (error as { errors?: unknown } | null | undefined)?.errors
  if (!Array.isArray(listed)) return []
  return listed.flatMap((one: { pointer?: unknown; detail?: unknown }) => {
    const detail = text(one?.detail)
    return detail ? [{ pointer: text(one.pointer) ?? '', detail }] : []
  })
}

export const lost = (): Problem => ({
  status: 0,
  code: navigator.onLine ? 'no_answer' : 'offline',
  detail: null,
  errors: [],
  retryAfterS: null,
})

/** Wait for a call and sort its answer. It never throws. */
export async function answered<Data>(call: Promise<Raw<Data>>): Promise<Answer<Data>> {
  try {
    const { data, error, response } = await call
    // An answer without a body, 204, has no data and is no problem.
    if (response.ok) return { data: data as Data, problem: null }
    const refusal = refusalOf(response, (error ?? {}) as { code?: string })
    const detail = text((error as { detail?: unknown } | null | undefined)?.detail)
    return { data: null, problem: { ...refusal, detail, errors: errorsOf(error) } }
  } catch {
    return { data: null, problem: lost() }
  }
}
