import { useEffect, useRef, useState } from 'preact/hooks'
import type { Schemas } from '../../parts/client'
import { money } from '../../parts/money'
import { fill } from '../../parts/texts'
import { timeOfDay } from '../../parts/time'
import { Done } from '../acts/done'
import { Refused } from '../acts/refused'
import { useAct, useReading } from '../acts/use_act'
import * as acting from '../api/acting'
import * as reading from '../api/reading'
import { useDesk } from '../shell/desk'
import { wordFor } from '../shell/words'
import { useShown } from './balance'
import type { Words } from './texts'
import { Wide } from '../shell/wide'
import './ledger.css'

type Posting = Schemas['PostingView']

interface Props {
  words: Words
  id: string | null
  look: (id: string) => void
  choose: (account: string) => void
  mayChange: boolean
}

/** A posting with its cause and entries, and the form that reverses it. */
export function PostingPart({ words, id, look, choose, mayChange }: Props) {
  const [typed, write] = useState(id ?? '')
  useEffect(() => write(id ?? ''), [id])
  const all = words.posting
  const place = useShown(id)
  return (
    <section aria-labelledby="posting-heading">
      <h2 id="posting-heading" tabIndex={-1} ref={place}>
        {all.heading}
      </h2>
      <p class="soft">{all.hint}</p>
      <form
        class="asking"
        onSubmit={(event) => {
          event.preventDefault()
          if (typed.trim()) look(typed.trim())
        }}
      >
        <label class="field">
          {all.id}
          <input
            required
            size={36}
            value={typed}
            autoComplete="off"
            spellcheck={false}
            onInput={({ currentTarget }) => write(currentTarget.value)}
          />
        </label>
        <button type="submit" class="act">
          {all.show}
        </button>
      </form>
      {id && <Detail key={id} id={id} words={words} look={look} choose={choose} mayChange={mayChange} />}
    </section>
  )
}

function Detail({ id, words, look, choose, mayChange }: Props & { id: string }) {
  const { texts, language, live, go } = useDesk()
  const { data, problem, busy, again } = useReading(`posting ${id}`, () => reading.posting(id))
  const all = words.posting
  if (!data) return problem ? <Refused problem={problem} texts={texts} /> : <p role="status">{busy ? texts.loading : ''}</p>
  const facts = [
    [all.cause, data.cause],
    [all.kind, wordFor({}, data.kind)],
    [all.phase, all.phases[data.phase]],
    [all.time, timeOfDay(data.time, live?.clock.now() ?? Date.now(), language)],
    [all.by, data.booked_by],
    [all.order, data.external_id],
    [all.note, data.note],
  ] as const
  const links = (['resolves', 'resolved_by', 'reversed_by'] as const).flatMap((one) => {
    const other = data[one]
    return other ? [[one, other] as const] : []
  })
  const { delivery_id: delivery } = data
  return (
    <>
      <dl class="facts">
        {facts.map(
          ([name, value]) =>
            value && (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ),
        )}
        {delivery && (
          <div>
            <dt>{all.delivery}</dt>
            <dd>
              <button type="button" class="link code" onClick={() => go({ view: 'live', delivery, driver: null })}>
                {delivery}
              </button>
            </dd>
          </div>
        )}
        {links.map(([name, other]) => (
          <div key={name}>
            <dt>{all[name]}</dt>
            <dd>
              <button type="button" class="link code" onClick={() => look(other)}>
                {other}
              </button>
            </dd>
          </div>
        ))}
      </dl>
      <Entries posting={data} words={words} choose={choose} />
      {mayChange && !data.reversed_by && data.reversible && <Reverse posting={data} words={words} done={again} />}
      {mayChange && !data.reversible && <p class="soft">{words.reversal.not}</p>}
    </>
  )
}

function Entries({ posting, words, choose }: { posting: Posting; words: Words; choose: (account: string) => void }) {
  const { language } = useDesk()
  const all = words.posting
  return (
    <Wide label={all.entries}>
      <table class="books">
        <caption>{all.entries}</caption>
        <thead>
          <tr>
            <th scope="col">{all.account}</th>
            <th scope="col">{all.code}</th>
            <th scope="col">{all.item}</th>
            <th scope="col" class="number">
              {words.balance.debit}
            </th>
            <th scope="col" class="number">
              {words.balance.credit}
            </th>
          </tr>
        </thead>
        <tbody>
          {posting.entries.map((entry, index) => (
            <tr key={index}>
              <th scope="row">
                <button type="button" class="link code" onClick={() => choose(entry.account)}>
                  {entry.account}
                </button>
              </th>
              <td>{wordFor({}, entry.code)}</td>
              <td class="code">{entry.item}</td>
              {(['debit', 'credit'] as const).map((side) => (
                <td key={side} class="number">
                  {entry.side === side && money(entry.amount.amount, entry.amount.currency, language)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  )
}

function Reverse({ posting, words, done }: { posting: Posting; words: Words; done: () => void }) {
  const { texts } = useDesk()
  const act = useAct<Schemas['AdjustmentView']>()
  /** It stays while the form does, so that sending once more after a lost answer books nothing twice. */
  const reference = useRef(`console-${crypto.randomUUID()}`)
  const [note, say] = useState('')
  const all = words.reversal
  const send = async (): Promise<void> => {
    const answer = await act.send(() =>
      acting.reversePosting(posting.posting_id, { reference: reference.current, note: note.trim() }),
    )
    if (answer?.data?.state === 'booked') done()
  }
  const state = act.data?.state
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault()
        if (note.trim()) void send()
      }}
    >
      <h3>{all.heading}</h3>
      <p class="soft">{all.hint}</p>
      <label class="field">
        {all.note}
        <input required maxLength={200} value={note} autoComplete="off" onInput={({ currentTarget }) => say(currentTarget.value)} />
      </label>
      <p class="soft">{fill(all.reference, { reference: reference.current })}</p>
      {act.problem && <Refused problem={act.problem} texts={texts} />}
      {state && <Done>{state === 'booked' ? all.booked : state === 'pending' ? all.waits : all.not_booked}</Done>}
      <div class="acts">
        <button type="submit" class="act main" aria-disabled={act.phase === 'busy'}>
          {all.send}
        </button>
      </div>
    </form>
  )
}
