import { useState } from 'preact/hooks'
import { useDesk } from '../shell/desk'
import { Balance } from './balance'
import { Exports } from './exports'
import { Months } from './months'
import { PostingPart } from './posting'
import { StatementPart } from './statement'
import { type Words, loadWords } from './texts'

const DAY_MS = 86_400_000

/** Days from the first to the last, as the API names its periods. */
export interface Days {
  first: string
  last: string
}

/** The view, once its words are there. */
export async function ledgerView(): Promise<() => preact.JSX.Element> {
  const words = await loadWords()
  return () => <LedgerView words={words} />
}

/** The books: trial balance, statement of an account, a posting, closed months, exports. */
function LedgerView({ words }: { words: Words }) {
  const { live, may } = useDesk()
  const [now] = useState(() => live?.clock.now() ?? Date.now())
  const day = (ago: number): string => new Date(now - ago * DAY_MS).toISOString().slice(0, 10)
  const [days, span] = useState<Days>({ first: day(1), last: day(0) })
  const [account, choose] = useState<string | null>(null)
  const [posting, look] = useState<string | null>(null)
  return (
    <main class="page">
      <Balance words={words} days={days} span={span} choose={choose} />
      <StatementPart words={words} days={days} account={account} choose={choose} look={look} />
      <PostingPart words={words} id={posting} look={look} choose={choose} mayChange={may('change_money')} />
      <Months words={words} mayChange={may('change_money')} />
      <Exports words={words} days={days} />
    </main>
  )
}
