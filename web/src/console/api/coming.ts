/** Calls whose types docs/openapi.json does not have. */

import { api } from '../../parts/client'

type Call = (path: string, init: object) => Promise<{ data?: any; error?: unknown; response: Response }>

export const coming = api as unknown as Record<'GET' | 'POST' | 'PUT' | 'DELETE', Call>
