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
import { Field } from './fields'
import type { Words } from './texts'

type Block = Schemas['BlockView']

/** The zone's blocks with their bookings, and the form for new ones. */
export function Blocks({ words, mayChange }: { words: Words; mayChange: boolean }) {
  const { texts, zone } = useDesk()
  const { data, problem, again } = useReading(`blocks ${zone.id}`, () => reading.blocks(zone.id))
  return (
    <section aria-labelledby="blocks-heading">
      <h2 id="blocks-heading">{words.blocks.heading}</h2>
      <p class="soft">{words.blocks.hint}</p>
      {problem && <Refused problem={problem} texts={texts} />}
      {data?.blocks.length === 0 && <p class="empty">{words.blocks.none}</p>}
      <ul class="cards">
        {data?.blocks.map((one) => (
          <Card key={one.block_id} one={one} words={words} mayChange={mayChange} stopped={again} />
        ))}
      </ul>
      {mayChange && <Make words={words} made={again} />}
    </section>
  )
}

function Card(props: { one: Block; words: Words; mayChange: boolean; stopped: () => void }) {
  const { one, words, mayChange, stopped } = props
  const { texts, language, live, nameOf } = useDesk()
  const act = useAct<Block>()
  const now = live?.clock.now() ?? Date.now()
  const write = ({ amount, currency }: Schemas['Money']): string => money(amount, currency, language)
  const stop = async (): Promise<void> => {
    const answer = await act.send(() => acting.stopBlock(one.block_id))
    if (answer?.data) stopped()
  }
  return (
    <li class="card">
      <h3>
        {one.title} · {timeOfDay(one.starts_at, now, language)} – {timeOfDay(one.ends_at, now, language)}
      </h3>
      <p>
        {fill(words.blocks.booked, { booked: one.booked, capacity: one.capacity, waiting: one.waiting })} · {write(one.guarantee)}
        {one.stopped_at && ` · ${words.blocks.stopped}`}
      </p>
      {one.paid.amount > 0 && <p>{fill(words.blocks.paid, { paid: write(one.paid) })}</p>}
      {one.bookings.length > 0 && (
        <details>
          <summary>{words.blocks.people}</summary>
          <ul>
            {one.bookings.map((booking) => (
              <li key={booking.driver_id}>
                {nameOf(booking.driver_id)}: {words.blocks.state[booking.state]}
                {booking.is_late && ` (${words.blocks.late})`}
              </li>
            ))}
          </ul>
        </details>
      )}
      {mayChange && !one.stopped_at && Date.parse(one.starts_at) > now && (
        <button type="button" class="act" aria-disabled={act.phase === 'busy'} onClick={() => void stop()}>
          {words.stop}
        </button>
      )}
      {act.problem && <Refused problem={act.problem} texts={texts} />}
    </li>
  )
}

/** The form of new blocks; its id stays after a lost answer, so a second try makes nothing twice. */
function Make({ words, made }: { words: Words; made: () => void }) {
  const { texts, zone } = useDesk()
  const act = useAct<Schemas['BlockList']>()
  const request = useRef(crypto.randomUUID())
  const [given, set] = useState({ title: '', day: '', opens: '', closes: '', capacity: '5', weeks: '1', guarantee: '' })
  const change = (name: keyof typeof given) => (value: string) => set((before) => ({ ...before, [name]: value }))
  const currency = zone.settings.rates?.currency ?? 'USD'
  const amount = minorUnits(given.guarantee, currency)
  const whole = given.title.trim() && given.day && given.opens && given.closes && amount
  const send = async (event: Event): Promise<void> => {
    event.preventDefault()
    if (!whole || !amount) return
    const body: Schemas['BlockInput'] = {
      request_id: request.current,
      zone_id: zone.id,
      title: given.title.trim(),
      day: given.day,
      opens: given.opens,
      closes: given.closes,
      capacity: Number(given.capacity),
      weeks: Number(given.weeks),
      guarantee: { amount, currency },
    }
    const answer = await act.send(() => acting.makeBlocks(body))
    if (!answer?.data) return
    request.current = crypto.randomUUID()
    change('title')('')
    made()
  }
  return (
    <details>
      <summary>{words.blocks.make}</summary>
      <form class="form" onSubmit={(event) => void send(event)}>
        <Field label={words.title} value={given.title} set={change('title')} longest={60} />
        <Field label={words.blocks.day} type="date" value={given.day} set={change('day')} />
        <Field label={words.blocks.opens} type="time" value={given.opens} set={change('opens')} />
        <Field label={words.blocks.closes} type="time" value={given.closes} set={change('closes')} />
        <Field label={words.blocks.capacity} type="number" value={given.capacity} set={change('capacity')} />
        <Field label={words.blocks.weeks} type="number" value={given.weeks} set={change('weeks')} />
        <Field label={fill(words.blocks.guarantee, { currency })} value={given.guarantee} set={change('guarantee')} decimal />
        {act.problem && <Refused problem={act.problem} texts={texts} />}
        {act.phase === 'done' && <Done>{words.blocks.made}</Done>}
        <button type="submit" class="act main" aria-disabled={act.phase === 'busy'} disabled={!whole}>
          {words.send}
        </button>
      </form>
    </details>
  )
}
