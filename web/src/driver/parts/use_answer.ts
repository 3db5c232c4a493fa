import { useState } from 'preact/hooks'

/** An answer of the API, or a problem. */
interface Answer {
  response: Response
  error?: unknown
}

export interface Asking {
  busy: boolean
  /** The API's code if the last request did not work. */
  failed: { code: string } | null
  /** Send a request unless one is under way; true if it worked. */
  ask: (request: () => Promise<Answer>) => Promise<boolean>
}

/** One request at a time, outside the queue, because the driver waits for the answer. */
export function useAnswer(): Asking {
  const [{ busy, failed }, set] = useState<Pick<Asking, 'busy' | 'failed'>>({ busy: false, failed: null })
  return {
    busy,
    failed,
    ask: async (request) => {
      if (busy) return false
      set({ busy: true, failed: null })
      try {
        const { response, error } = await request()
        const code = (error as { code?: string } | undefined)?.code ?? ''
        set({ busy: false, failed: response.ok ? null : { code } })
        return response.ok
      } catch {
        set({ busy: false, failed: { code: 'no_network' } })
        return false
      }
    },
  }
}
