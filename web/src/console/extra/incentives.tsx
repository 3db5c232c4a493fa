import { useRef, useState } from 'preact/hooks'
import type { Schemas } from '../../parts/client'
import { minorUnits, money } from '../../parts/money'
import { fill } from '../../parts/texts'
import { timeOfDay } from '../../parts/time'
import { Done } from '../acts/done'
import { Refused } from '../acts/refused'
import { useAct, useReading } from '../acts/use_act'
import * as acting from '../api/acting'
import * as reading from '../api/reading'
import { useDesk } from '../shell/desk'
import { Field, Pick } from './fields'
import { type Kind, KINDS, termsOf } from './terms'
import type { Words } from './texts'

type Incentive = Schemas['IncentiveView']

/** The zone's incentives with the use of their budgets, and the form for a new one. */
export function Incentives({ words, mayChange }: { words: Words; mayChange: boolean }) {
  const { texts, zone } = useDesk()
  const { data, problem, again } = useReading(`incentives ${zone.id}`, () => reading.incentives(zone.id))
  return (
    <section aria-labelledby="incentives-heading">
      <h2 id="incentives-heading">{words.heading}</h2>
      <p class="soft">{words.hint}</p>
      {problem && <Refused problem={problem} texts={texts} />}
      {data?.incentives.length === 0 && <p class="empty">{words.none}</p>}
      <ul class="cards">
        {data?.incentives.map((one) => (
          <Card key={one.incentive_id} one={one} words={words} mayChange={mayChange} stopped={again} />
        ))}
      </ul>
      {mayChange && <Make words={words} made={again} />}
    </section>
  )
}

function Card(props: { one: Incentive; words: Words; mayChange: boolean; stopped: () => void }) {
  const { one, words, mayChange, stopped } = props
  const { texts, language, live } = useDesk()
  const act = useAct<Incentive>()
  const now = live?.clock.now() ?? Date.now()
  const write = ({ amount, currency }: Schemas['Money']): string => money(amount, currency, language)
  const stop = async (): Promise<void> => {
    const answer = await act.send(() => acting.stopIncentive(one.incentive_id))
    if (answer?.data) stopped()
  }
  return (
    <li class="card">
      <h3>
        {one.title} · {words.kinds[one.kind]} · {words.state[one.state]}
      </h3>
      <p>
        {timeOfDay(one.starts_at, now, language)} – {timeOfDay(one.ends_at, now, language)}
      </p>
      <p>
        {fill(words.used, {
          committed: write(one.committed),
          budget: write(one.budget),
          paid: write(one.paid),
          count: one.promises,
        })}
        {one.is_nearly_used && (
          <>
            {' · '}
            <strong>{words.nearly}</strong>
          </>
        )}
      </p>
      <progress max={one.budget.amount} value={one.committed.amount} aria-label={one.title} />
      {mayChange && !one.stopped_at && one.state !== 'ended' && (
        <p>
          <button type="button" class="act" aria-disabled={act.phase === 'busy'} onClick={() => void stop()}>
            {words.stop}
          </button>{' '}
          <span class="soft">{words.stop_hint}</span>
        </p>
      )}
      {act.problem && <Refused problem={act.problem} texts={texts} />}
    </li>
  )
}

/** The form of a new incentive; its id stays after a lost answer, so a second try makes nothing twice. */
function Make({ words, made }: { words: Words; made: () => void }) {
  const { texts, zone } = useDesk()
  const act = useAct<Incentive>()
  const request = useRef(crypto.randomUUID())
  const [given, set] = useState({ title: '', kind: 'quest', count: '10', amount: '', budget: '', percent: '80', from: '', until: '', audience: 'all' })
  const change = (name: keyof typeof given) => (value: string) => set((before) => ({ ...before, [name]: value }))
  const currency = zone.settings.rates?.currency ?? 'USD'
  const amount = minorUnits(given.amount, currency)
  const budget = minorUnits(given.budget, currency)
  const kind = given.kind as Kind
  const whole = given.title.trim() && amount && budget && given.from && given.until
  const send = async (event: Event): Promise<void> => {
    event.preventDefault()
    if (!whole || !amount || !budget) return
    const body: Schemas['IncentiveInput'] = {
      request_id: request.current,
      zone_id: zone.id,
      title: given.title.trim(),
      terms: termsOf(kind, Number(given.count), amount, Number(given.percent)),
      starts_at: new Date(given.from).toISOString(),
      ends_at: new Date(given.until).toISOString(),
      audience: { kind: given.audience === 'newcomers' ? 'newcomers' : 'all' },
      budget: { amount: budget, currency },
    }
    const answer = await act.send(() => acting.makeIncentive(body))
    if (!answer?.data) return
    request.current = crypto.randomUUID()
    change('title')('')
    made()
  }
  return (
    <details>
      <summary>{words.make}</summary>
      <form class="form" onSubmit={(event) => void send(event)}>
        <Field label={words.title} value={given.title} set={change('title')} longest={60} />
        <Pick label={words.kind} value={given.kind} set={change('kind')} of={KINDS.map((one) => [one, words.kinds[one]])} />
        {(kind === 'quest' || kind === 'batch_bonus') && (
          <Field label={words.count} type="number" value={given.count} set={change('count')} />
        )}
        {kind === 'guarantee' && <Field label={words.percent} type="number" value={given.percent} set={change('percent')} />}
        <Field label={fill(words.amount, { currency })} value={given.amount} set={change('amount')} decimal />
        <Field label={fill(words.budget, { currency })} value={given.budget} set={change('budget')} decimal />
        <Field label={words.from} type="datetime-local" value={given.from} set={change('from')} />
        <Field label={words.until} type="datetime-local" value={given.until} set={change('until')} />
        <Pick label={words.audience} value={given.audience} set={change('audience')} of={Object.entries(words.audiences)} />
        {act.problem && <Refused problem={act.problem} texts={texts} />}
        {act.phase === 'done' && <Done>{words.made}</Done>}
        <button type="submit" class="act main" aria-disabled={act.phase === 'busy'} disabled={!whole}>
          {words.send}
        </button>
      </form>
    </details>
  )
}
