import { Adjustments } from '../pay/adjustments'
import { type Words as PayoutWords, loadWords as loadPayoutWords } from '../payouts/texts'
import { Debts } from './debts'
import { FailedPayouts } from './failed'
import { OpenItems } from './open_items'
import { Releases } from './releases'
import { type Words, loadWords } from './texts'

export interface ExceptionProps {
  words: Words
  /** The words of payouts, for their states. */
  payouts: PayoutWords
}

/** The view, once its words are there. */
export async function exceptionsView(): Promise<() => preact.JSX.Element> {
  const [words, payouts] = await Promise.all([loadWords(), loadPayoutWords()])
  return () => <ExceptionsView words={words} payouts={payouts} />
}

/** Things that need a person of finance: approvals, failed payouts, late items, debts. */
function ExceptionsView(both: ExceptionProps) {
  return (
    <main class="page">
      <Releases {...both} />
      <Adjustments />
      <FailedPayouts {...both} />
      <OpenItems words={both.words} />
      <Debts words={both.words} />
    </main>
  )
}
