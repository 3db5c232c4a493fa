import type { Schemas } from '../../parts/client'
import { fill } from '../../parts/texts'
import type { OnboardingTexts } from './texts'

type Step = Schemas['OnboardingStep']
export type StepName = Step['name']

/** Why a step is as it is, with what is missing, and who acts next. */
export function saidOf(step: Step, texts: OnboardingTexts): string {
  const reasons: Record<string, string> = texts.why
  const papers: Record<string, string> = texts.paper
  const missing = (step.missing ?? []).map((name) => papers[name] ?? name).join(', ')
  const next = step.next_by && step.next_by !== 'you' ? texts.next[step.next_by] : ''
  return [fill(reasons[step.why] ?? '', { missing }), next].filter(Boolean).join(' ')
}
