import { useState } from 'preact/hooks'
import type { OnboardingTexts } from './texts'

interface Answer {
  response: Response
  error?: unknown
}

interface Problem {
  detail?: string
  errors?: { pointer: string; detail: string }[]
}

export interface Told {
  words: string
  /** The API's sentence, in English. */
  detail: string
}

export type Send = () => Promise<Answer>

/** The sentence of a refusal: that about the first wrong field if there is one. */
export function toldOf(error: unknown, texts: OnboardingTexts): Told {
  const problem = (error ?? {}) as Problem
  const first = problem.errors?.[0]
  const field = first?.pointer.split('/').at(-1)
  const detail = first ? `${field ? `${field}: ` : ''}${first.detail}` : (problem.detail ?? '')
  return { words: texts.refused, detail }
}

/** One request at a time, and what the API said if it refused. */
export function useSend(texts: OnboardingTexts): { busy: boolean; told: Told | null; ask: (send: Send) => Promise<boolean> } {
  const [{ busy, told }, set] = useState<{ busy: boolean; told: Told | null }>({ busy: false, told: null })
  const ask = async (send: Send): Promise<boolean> => {
    if (busy) return false
    set({ busy: true, told: null })
    try {
      const { response, error } = await send()
      set({ busy: false, told: response.ok ? null : toldOf(error, texts) })
      return response.ok
    } catch {
      set({ busy: false, told: { words: texts.offline, detail: '' } })
      return false
    }
  }
  return { busy, told, ask }
}
