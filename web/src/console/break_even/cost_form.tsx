import { useState } from 'preact/hooks'
import type { Schemas } from '../../parts/client'
import { minorUnits } from '../../parts/money'
import { fill } from '../../parts/texts'
import { Refused } from '../acts/refused'
import { useAct } from '../acts/use_act'
import * as acting from '../api/acting'
import { useDesk } from '../shell/desk'
import type { ViewProps } from '../shell/views'
import type { Words } from './texts'

type Cost = Schemas['DedicatedCost']

const AMOUNTS = ['wage', 'vehicle', 'insurance'] as const
type Field = (typeof AMOUNTS)[number] | 'employer' | 'idle'

/** A cost of a dedicated driver's hour that holds from a day on; it takes the place of one from the same day. */
export function CostForm({ words, changed }: { words: Words; changed: ViewProps['changed'] }) {
  const { texts, zone } = useDesk()
  const [since, setSince] = useState('')
  const [typed, type] = useState<Record<Field, string>>({ wage: '', vehicle: '0', insurance: '0', employer: '0', idle: '0' })
  const [wrong, setWrong] = useState(false)
  const act = useAct<Schemas['ZoneView']>()
  const currency = zone.settings.rates?.currency ?? 'USD'
  const save = async (event: Event): Promise<void> => {
    event.preventDefault()
    const [wage, vehicle, insurance] = AMOUNTS.map((field) => minorUnits(typed[field], currency))
    const employer = minorUnits(typed.employer, 'EUR')
    setWrong(wage == null || vehicle == null || insurance == null || employer == null)
    if (wage == null || vehicle == null || insurance == null || employer == null) return
    const cost: Cost = {
      since,
      wage_per_hour: wage,
      employer_basis_points: employer,
      vehicle_per_hour: vehicle,
      insurance_per_hour: insurance,
      idle_percent: Number(typed.idle),
    }
    const others = (zone.settings.dedicated_costs ?? []).filter((one) => one.since !== since)
    const dedicated_costs = [...others, cost].toSorted((one, other) => one.since.localeCompare(other.since))
    const body = { ...zone.settings, dedicated_costs } as Schemas['ZoneSettings-Input']
    const answer = await act.send(() => acting.putZone(zone.id, body))
    if (answer?.data) changed(answer.data)
  }
  const field = (name: Field, label: string, whole = false) => (
    <label class="field" key={name}>
      {label}
      <input
        inputmode="decimal"
        pattern={whole ? '[0-9]{1,2}' : undefined}
        required
        value={typed[name]}
        onInput={({ currentTarget }) => type({ ...typed, [name]: currentTarget.value })}
      />
    </label>
  )
  return (
    <section class="card" aria-labelledby="cost-heading">
      <h3 id="cost-heading">{words.cost.heading}</h3>
      <form class="asking" onSubmit={(event) => void save(event)}>
        <label class="field">
          {words.cost.since}
          <input type="date" required value={since} onInput={({ currentTarget }) => setSince(currentTarget.value)} />
        </label>
        {field('wage', fill(words.cost.wage, { currency }))}
        {field('employer', words.cost.employer)}
        {field('vehicle', fill(words.cost.vehicle, { currency }))}
        {field('insurance', fill(words.cost.insurance, { currency }))}
        {field('idle', words.cost.idle, true)}
        <button type="submit" class="act main" aria-disabled={act.phase === 'busy'}>
          {words.cost.save}
        </button>
        {wrong && (
          <p class="refused" role="alert">
            {words.cost.wrong}
          </p>
        )}
        {act.problem && <Refused problem={act.problem} texts={texts} />}
      </form>
    </section>
  )
}
