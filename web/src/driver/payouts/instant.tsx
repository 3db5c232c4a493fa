import { useState } from 'preact/hooks'
import { digitsOf, minorUnits, money } from '../../parts/money'
import { fill } from '../../parts/texts'
import { useApp } from '../app'
import type { Money } from '../model'
import { type Order, type Outcome, feeOf, keptOrder, newOrder, send } from './order'
import type { Quote } from './screen'
import type { Words } from './texts'

interface Props {
  quote: Quote
  words: Words
  changed: () => void
}

const plain = ({ amount, currency }: Money): string => {
  const digits = digitsOf(currency)
  return (amount / 10 ** digits).toFixed(digits)
}

/** Instant pay: what is available, its fee and what arrives, or why nothing is; an order is confirmed, and sent once. */
export function Instant({ quote, words, changed }: Props) {
  const { language, owner } = useApp()
  const [waiting, wait] = useState<Order | null>(() => keptOrder(owner))
  const [outcome, tell] = useState<Outcome | null>(null)
  const [busy, setBusy] = useState(false)
  const all = words.instant
  const write = ({ amount, currency }: Money): string => money(amount, currency, language)
  const order = async (one: Order): Promise<void> => {
    if (busy) return
    setBusy(true)
    const told = await send(owner, one)
    const same = told.kind === 'refused' && told.code === 'same_amount_again'
    wait(same ? one : keptOrder(owner))
    tell(told)
    setBusy(false)
    if (told.kind !== 'lost') changed()
  }
  return (
    <section class="card stack" aria-labelledby="instant-heading" aria-busy={busy}>
      <div>
        <h2 id="instant-heading">{all.heading}</h2>
        <p class="soft">{all.available}</p>
        <p class="offer-pay">{write(quote.available)}</p>
        {quote.at_hand.amount !== quote.available.amount && (
          <p class="soft">{fill(all.at_hand, { amount: write(quote.at_hand) })}</p>
        )}
      </div>
      {quote.obstacle && <p class="note">{words.obstacle[quote.obstacle]}</p>}
      <Told outcome={outcome} waiting={waiting} busy={busy} words={words} />
      {waiting ? (
        <Waiting order={waiting} outcome={outcome} words={words} send={order} drop={() => wait(null)} />
      ) : (
        !quote.obstacle && <Ask quote={quote} words={words} order={(amount) => order(newOrder(amount))} />
      )}
    </section>
  )
}

/** Outcome of the last order, in words. */
function Told(props: { outcome: Outcome | null; waiting: Order | null; busy: boolean; words: Words }) {
  const { language } = useApp()
  const { outcome, waiting, busy, words } = props
  const all = words.instant
  const write = ({ amount, currency }: Money): string => money(amount, currency, language)
  const said = (): string => {
    if (busy) return all.busy
    if (!outcome) return waiting ? all.lost : ''
    if (outcome.kind === 'lost') return all.lost
    if (outcome.kind === 'reserved') return fill(all.reserved, { amount: write(outcome.payout.amount) })
    if (outcome.kind === 'refused') {
      if (outcome.code === 'same_amount_again') return all.same
      return words.refused[outcome.code as keyof Words['refused']] ?? words.refused.other
    }
    if (outcome.payout.state === 'failed') return all.failed
    return fill(all.done, { arrives: write(outcome.payout.net) })
  }
  return (
    <p role="status" class={outcome?.kind === 'refused' && !busy ? 'bad' : undefined}>
      {said()}
    </p>
  )
}

interface WaitingProps {
  order: Order
  outcome: Outcome | null
  words: Words
  send: (order: Order) => Promise<void>
  drop: () => void
}

/** An order that has no decisive answer: it is asked for again with the same key. */
function Waiting({ order, outcome, words, send: ask, drop }: WaitingProps) {
  const { language } = useApp()
  const all = words.instant
  const same = outcome?.kind === 'refused'
  const amount = money(order.amount.amount, order.amount.currency, language)
  return (
    <>
      <button type="button" class="button button-big" onClick={() => void ask(same ? { ...order, again: true } : order)}>
        {same ? fill(all.same_yes, { amount }) : `${all.again} (${amount})`}
      </button>
      {same && (
        <button type="button" class="button button-quiet" onClick={drop}>
          {all.no}
        </button>
      )}
    </>
  )
}

function Ask({ quote, words, order }: { quote: Quote; words: Words; order: (amount: Money) => Promise<void> }) {
  const { language, online } = useApp()
  const { currency } = quote.available
  const [typed, setTyped] = useState(() => plain(quote.available))
  const [asked, ask] = useState(false)
  const all = words.instant
  const { terms } = quote
  const least = Math.max(quote.least?.amount ?? 1, 1)
  const write = (amount: number): string => money(amount, currency, language)
  const minor = minorUnits(typed, currency)
  const fits = minor !== null && minor >= least && minor <= quote.available.amount
  const fee = fits && terms ? feeOf(minor, terms) : 0
  const bounds = { least: write(least), most: write(quote.available.amount) }
  if (asked && fits) {
    const figures = { amount: write(minor), fee: write(fee), arrives: write(minor - fee) }
    return (
      <div class="confirm" role="group" aria-label={all.heading}>
        <p>{fill(all.sure, figures)}</p>
        <button type="button" class="button button-big" onClick={() => void order({ amount: minor, currency })}>
          {fill(all.yes, figures)}
        </button>
        <button type="button" class="button button-quiet" onClick={() => ask(false)}>
          {all.no}
        </button>
      </div>
    )
  }
  return (
    <form
      class="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (online && fits) ask(true)
      }}
    >
      <label class="field">
        {fill(all.amount, { currency })}
        <input
          inputMode="decimal"
          autoComplete="off"
          value={typed}
          aria-invalid={!fits}
          aria-describedby="instant-bounds"
          onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        />
      </label>
      <p id="instant-bounds" class={fits ? 'soft' : 'bad'} aria-live="polite">
        {fill(fits ? all.bounds : all.not_bounds, bounds)}
      </p>
      {fits && (
        <dl class="parts-of-pay">
          <div>
            <dt>{all.fee}</dt>
            <dd>{write(fee)}</dd>
          </div>
          <div class="sum">
            <dt>{all.arrives}</dt>
            <dd>{write(minor - fee)}</dd>
          </div>
        </dl>
      )}
      <button type="submit" class="button button-big" aria-disabled={!fits || !online}>
        {all.order}
      </button>
      {!online && (
        <p class="bad" role="status">
          {all.offline}
        </p>
      )}
      <p class="soft">
        {terms &&
          fill(all.terms, {
            percent: (terms.basis_points / 100).toLocaleString(language),
            least: write(terms.least.amount),
            most: write(terms.most.amount),
          })}{' '}
        {quote.orders_left !== null && fill(all.left, { count: quote.orders_left })}
      </p>
    </form>
  )
}
