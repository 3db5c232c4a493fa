import createClient from 'openapi-fetch'
import type { components, paths } from './api'

export type Schemas = components['schemas']

/** The API stands on the page's own origin. */
export const api = createClient<paths>({
  baseUrl: location.origin,
  cache: 'no-store',
  fetch: (request) => fetch(request), // looked up at each call, so that a test in a browser can stand in between
})

/** What the API says when it refuses: `code` is for programs, `status` as in HTTP. */
export interface Refusal {
  status: number
  code: string
  retryAfterS: number | null
}

export function refusalOf(response: Response, problem: { type?: string; code?: string } | undefined): Refusal {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  return {
    status: response.status,
    code: problem?.code ?? '',
    retryAfterS: Number.isFinite(seconds) ? seconds : null,
  }
}
