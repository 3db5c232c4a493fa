import { useState } from 'preact/hooks'
import type { Schemas } from '../../parts/client'
import { minorUnits, money } from '../../parts/money'
import { fill } from '../../parts/texts'
import { Refused } from '../acts/refused'
import { useAct, useReading } from '../acts/use_act'
import * as acting from '../api/acting'
import * as reading from '../api/reading'
import { useDesk } from '../shell/desk'
import { type Words, loadWords } from './texts'

type Invoice = Schemas['StaffInvoice']
type Amount = Schemas['Money']
type Act = 'paid' | 'announced' | 'settled' | 'returned' | 'charged_back'

const ACTS: readonly Act[] = ['paid', 'announced', 'settled', 'returned', 'charged_back']
const WITH_AMOUNT: ReadonlySet<Act> = new Set(['paid', 'announced'])

/** The view, once its words are there. */
export async function invoicesView(): Promise<() => preact.JSX.Element> {
  const words = await loadWords()
  return () => <InvoicesView words={words} />
}

/** Open invoices of all merchants, or all documents of one, with payments and write-offs. */
function InvoicesView({ words }: { words: Words }) {
  const { texts, language } = useDesk()
  const [typed, write] = useState('')
  const [merchant, choose] = useState('')
  const [cursor, turn] = useState<string | null>(null)
  const [round, setRound] = useState(0)
  const again = (): void => setRound((before) => before + 1)
  const asked = { ...(merchant && { merchant_id: merchant }), ...(cursor && { cursor }) }
  const { data, problem, busy } = useReading(`invoices ${merchant} ${cursor}`, () => reading.invoices(asked), round)
  const said = (amount: Amount): string => money(amount.amount, amount.currency, language)
  return (
    <main class="page">
      <h2>{words.heading}</h2>
      <p class="soft">{words.hint}</p>
      <form
        class="asking"
        onSubmit={(event) => {
          event.preventDefault()
          choose(typed.trim())
          turn(null)
        }}
      >
        <label class="field">
          {words.merchant}
          <input value={typed} autoComplete="off" spellcheck={false} onInput={({ currentTarget }) => write(currentTarget.value)} />
        </label>
        <button type="submit" class="act">
          {words.search}
        </button>
      </form>
      {problem && <Refused problem={problem} texts={texts} />}
      {!data && busy && <p role="status">{texts.loading}</p>}
      {data?.account?.map((sum) => (
        <p key={sum.currency}>
          {fill(words.account, { open: said(sum.open), overdue: said(sum.overdue), credit: said(sum.credit) })}
        </p>
      ))}
      {data?.invoices.length === 0 && <p class="empty">{words.none}</p>}
      <ul class="cards">
        {data?.invoices.map((one) => (
          <InvoiceCard key={one.invoice_id} one={one} words={words} changed={again} />
        ))}
      </ul>
      <div class="acts">
        {cursor && (
          <button type="button" class="act" onClick={() => turn(null)}>
            {words.back}
          </button>
        )}
        {data?.next_cursor && (
          <button type="button" class="act" onClick={() => turn(data.next_cursor ?? null)}>
            {words.more}
          </button>
        )}
      </div>
    </main>
  )
}

function InvoiceCard({ one, words, changed }: { one: Invoice; words: Words; changed: () => void }) {
  const { language, may } = useDesk()
  const said = (amount: Amount): string => money(amount.amount, amount.currency, language)
  return (
    <li class="card">
      <h3>
        {words.kind[one.kind]} {one.number}: {one.merchant_name}
      </h3>
      <p>
        {words.state[one.state]} · {fill(words.span, { first: one.first, last: one.last })} ·{' '}
        {fill(words.total, { total: said(one.total), open: said(one.open) })}
        {one.due_on && ` · ${fill(words.due, { day: one.due_on })}`}
      </p>
      {one.minimum && <p>{fill(words.minimum, { month: one.minimum.month, amount: said(one.minimum.amount) })}</p>}
      {one.flagged && <p class="bad">{words.flagged}</p>}
      {one.write_off && !one.write_off.confirmed_at && (
        <p>{fill(words.write_off_asked, { by: one.write_off.proposed_by, amount: said(one.write_off.amount) })}</p>
      )}
      {one.payments.length > 0 && (
        <details>
          <summary>{fill(words.payments, { count: one.payments.length })}</summary>
          <ul>
            {one.payments.map((payment) => (
              <li key={payment.id}>
                <span class="code">{payment.reference}</span> {said(payment.amount)}, {words.payment[payment.state]}
              </li>
            ))}
          </ul>
        </details>
      )}
      <Files id={one.invoice_id} words={words} />
      {one.kind === 'invoice' && may('change_money') && <Payment one={one} words={words} changed={changed} />}
    </li>
  )
}

/** Links to the files, which are asked for when they are opened: they are good for ten minutes. */
function Files({ id, words }: { id: string; words: Words }) {
  const [opened, open] = useState(false)
  return (
    <details onToggle={({ currentTarget }) => open(currentTarget.open)}>
      <summary>{words.files}</summary>
      {opened && <Links id={id} words={words} />}
    </details>
  )
}

function Links({ id, words }: { id: string; words: Words }) {
  const { texts } = useDesk()
  const { data, problem } = useReading(`invoice ${id}`, () => reading.invoices({ invoice_id: id }))
  const found = data?.invoices[0]
  return (
    <p>
      {problem && <Refused problem={problem} texts={texts} />}
      {found?.pdf_url && <a href={found.pdf_url}>{words.pdf}</a>} {found?.csv_url && <a href={found.csv_url}>{words.csv}</a>}
    </p>
  )
}

function Payment({ one, words, changed }: { one: Invoice; words: Words; changed: () => void }) {
  const { texts, username } = useDesk()
  const act = useAct<Invoice>()
  const [what, choose] = useState<Act>('paid')
  const [reference, name] = useState('')
  const [size, write] = useState('')
  const currency = one.open.currency
  const minor = WITH_AMOUNT.has(what) ? minorUnits(size, currency) : null
  const ready = reference.trim() !== '' && (!WITH_AMOUNT.has(what) || minor !== null)
  const send = async (body: Schemas['PaymentInput']): Promise<void> => {
    const answer = await act.send(() => acting.recordPayment(one.invoice_id, body))
    if (answer?.data) changed()
  }
  const asked = one.write_off && !one.write_off.confirmed_at ? one.write_off.proposed_by : null
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault()
        const paid = minor === null ? {} : { amount: { amount: minor, currency } }
        if (ready) void send({ act: what, reference: reference.trim(), ...paid })
      }}
    >
      <label class="field">
        {words.act}
        <select value={what} onChange={({ currentTarget }) => choose(currentTarget.value as Act)}>
          {ACTS.map((each) => (
            <option key={each} value={each}>
              {words.acts[each]}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        {words.reference}
        <input value={reference} autoComplete="off" spellcheck={false} onInput={({ currentTarget }) => name(currentTarget.value)} />
      </label>
      {WITH_AMOUNT.has(what) && (
        <label class="field">
          {fill(words.amount, { currency })}
          <input value={size} inputMode="decimal" autoComplete="off" onInput={({ currentTarget }) => write(currentTarget.value)} />
        </label>
      )}
      {act.problem && <Refused problem={act.problem} texts={texts} />}
      <div class="acts">
        <button type="submit" class="act main" disabled={!ready}>
          {words.record}
        </button>
        {one.open.amount > 0 && (
          <button type="button" class="act" disabled={asked === username} onClick={() => void send({ act: 'written_off' })}>
            {asked ? words.write_off_confirm : words.write_off}
          </button>
        )}
      </div>
    </form>
  )
}
