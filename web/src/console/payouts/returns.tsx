import { useState } from 'preact/hooks'
import type { Schemas } from '../../parts/client'
import { fill } from '../../parts/texts'
import { Refused } from '../acts/refused'
import type { Problem } from '../api/answers'
import '../ledger/ledger.css'
import { Wide } from '../shell/wide'
import { useDesk } from '../shell/desk'
import { type Line, needsSomebody, takeIn } from './taking_in'
import type { Words } from './texts'

/** The form for a bank's file of returns and corrections, and what followed from each of its lines. */
export function Returns({ words }: { words: Words }) {
  const { texts } = useDesk()
  const [lines, keep] = useState<Line[] | null>(null)
  const [problem, refuse] = useState<Problem | null>(null)
  const [busy, setBusy] = useState(false)
  const all = words.returns
  const send = async (form: HTMLFormElement): Promise<void> => {
    const file = new FormData(form).get('file')
    if (busy || !(file instanceof File) || !file.size) return
    setBusy(true)
    refuse(null)
    keep([])
    refuse(await takeIn(await file.text(), keep))
    setBusy(false)
  }
  const open = lines?.filter(needsSomebody).length ?? 0
  return (
    <section aria-labelledby="returns-heading">
      <h2 id="returns-heading">{all.heading}</h2>
      <p class="soft">{all.hint}</p>
      <form
        class="asking"
        onSubmit={(event) => {
          event.preventDefault()
          void send(event.currentTarget)
        }}
      >
        <label class="field">
          {all.file}
          <input name="file" type="file" required />
        </label>
        <button type="submit" class="act main" aria-disabled={busy}>
          {all.send}
        </button>
      </form>
      {problem && <Refused problem={problem} texts={texts} />}
      <p role="status">
        {lines && (busy ? fill(all.progress, { count: lines.length }) : summary(lines, words))}
      </p>
      {open > 0 && <p class="bad">{fill(all.look, { count: open })}</p>}
      {lines && lines.length > 0 && <Outcomes lines={lines} words={words} />}
    </section>
  )
}

function summary(lines: readonly Line[], words: Words): string {
  const counts = new Map<Schemas['ReturnOutcome'], number>()
  for (const { outcome } of lines) counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
  return Array.from(counts, ([outcome, count]) =>
    fill(words.returns.counts, { outcome: words.returns.outcome[outcome], count }),
  ).join(' · ')
}

function Outcomes({ lines, words }: { lines: readonly Line[]; words: Words }) {
  const { column, outcome: said, caption } = words.returns
  return (
    <Wide label={caption}>
      <table class="books">
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            {Object.entries(column).map(([key, name]) => (
              <th key={key} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.line}>
              <td>{line.line}</td>
              <td class="code">{line.code}</td>
              <td class={needsSomebody(line) ? 'bad' : undefined}>{said[line.outcome]}</td>
              <td class="code">{line.payout_id}</td>
              <td lang="en">{line.detail}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  )
}
