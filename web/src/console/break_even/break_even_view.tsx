import type { Schemas } from '../../parts/client'
import { money } from '../../parts/money'
import { fill } from '../../parts/texts'
import { Refused } from '../acts/refused'
import { useAct, useReading } from '../acts/use_act'
import * as acting from '../api/acting'
import * as reading from '../api/reading'
import { useDesk } from '../shell/desk'
import type { ViewProps } from '../shell/views'
import { Wide } from '../shell/wide'
import './break_even.css'
import { CostForm } from './cost_form'
import { hoursIn } from './curve'
import { Plot } from './plot'
import { type Words, loadWords } from './texts'

type BreakEven = Schemas['BreakEvenView']

/** The view, once its words are there. */
export async function breakEvenView(): Promise<(props: ViewProps) => preact.JSX.Element> {
  const words = await loadWords()
  return ({ changed }) => {
    const { texts, zone, may } = useDesk()
    const stamp = JSON.stringify([zone.settings.dedicated_costs, zone.settings.dispatch?.fleet])
    const { data, problem, busy } = useReading(`break-even ${zone.id}`, () => reading.breakEven(zone.id), stamp)
    return (
      <main class="page">
        <h2>{words.heading}</h2>
        <p class="soft">{words.hint}</p>
        {problem && <Refused problem={problem} texts={texts} />}
        {!data && busy && <p role="status">{texts.loading}</p>}
        {data && <Found words={words} found={data} changed={changed} />}
        {may('manage_network') && <CostForm words={words} changed={changed} />}
      </main>
    )
  }
}

interface FoundProps {
  words: Words
  found: BreakEven
  changed: ViewProps['changed']
}

function Found({ words, found, changed }: FoundProps) {
  const { language } = useDesk()
  const { tipping, curve } = found
  const band = tipping?.low && tipping.high ? ([tipping.low, tipping.high] as const) : null
  const days = found.days.filter(({ delivered }) => delivered > 0)
  return (
    <section class="card" aria-live="polite">
      <p>
        <strong>
          {fill(words.verdicts[found.verdict], {
            drivers: found.drivers,
            hours: hoursIn(found.spans),
            days: days.length,
            needed: found.days_needed ?? 0,
            delivered: days.reduce((sum, { delivered }) => sum + delivered, 0),
            least: found.delivered_needed ?? 0,
          })}
        </strong>
      </p>
      {tipping && <Figures words={words} found={found} tipping={tipping} />}
      {curve && <Plot words={words} curve={curve} currency={found.currency} language={language} band={band} />}
      {tipping && <Hours words={words} found={found} />}
      {found.fleet && <Apply words={words} found={found} fleet={found.fleet} changed={changed} />}
    </section>
  )
}

function Figures({ words, found, tipping }: { words: Words; found: BreakEven; tipping: NonNullable<BreakEven['tipping']> }) {
  const { language } = useDesk()
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 1 })
  const volume = (value: number | null | undefined): string => (value ? number.format(value) : words.never)
  const paid = ({ amount, currency }: { amount: number; currency: string }): string => money(amount, currency, language)
  const cost = found.cost
  return (
    <dl class="facts">
      <dt>{words.tipping}</dt>
      <dd>{tipping.volume ? fill(words.per_hour, { volume: number.format(tipping.volume) }) : words.never}</dd>
      <dt>{words.interval}</dt>
      <dd>{fill(words.from_to, { low: volume(tipping.low), high: volume(tipping.high) })}</dd>
      <dt>{words.needed}</dt>
      <dd>{volume(tipping.needed)}</dd>
      <dt>{words.crowd_cost}</dt>
      <dd>{paid(tipping.crowd_cost)}</dd>
      {cost && (
        <>
          <dt>{fill(words.hour_cost, { since: cost.since })}</dt>
          <dd>{paid({ amount: Math.round(hourOf(cost)), currency: found.currency })}</dd>
        </>
      )}
      <dt>{words.effort}</dt>
      <dd>{fill(words.effort_text, { fixed: number.format(tipping.fixed_minutes), way: number.format(tipping.way_minutes) })}</dd>
      <dt>{words.saving}</dt>
      <dd>{paid(found.saving_a_day)}</dd>
    </dl>
  )
}

const hourOf = (cost: NonNullable<BreakEven['cost']>): number =>
  cost.wage_per_hour * (1 + (cost.employer_basis_points ?? 0) / 10_000) + (cost.vehicle_per_hour ?? 0) + (cost.insurance_per_hour ?? 0)

function Hours({ words, found }: { words: Words; found: BreakEven }) {
  const { language } = useDesk()
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 1 })
  return (
    <details>
      <summary>{words.hours}</summary>
      <Wide label={words.hours}>
        <table>
          <thead>
            <tr>
              <th scope="col">{words.hour}</th>
              <th scope="col">{words.volume}</th>
              <th scope="col">{words.drivers}</th>
            </tr>
          </thead>
          <tbody>
            {found.hours
              .filter(({ volume }) => volume > 0)
              .map(({ hour, volume, drivers, is_unsure }) => (
                <tr key={hour}>
                  <th scope="row">{`${hour}–${hour + 1}`}</th>
                  <td>{number.format(volume)}</td>
                  <td>
                    {drivers} {is_unsure && <span class="soft">{words.unsure}</span>}
                  </td>
                </tr>
              ))}
          </tbody>
        </table>
      </Wide>
    </details>
  )
}

interface ApplyProps extends FoundProps {
  fleet: NonNullable<BreakEven['fleet']>
}

/** The button by which staff let the zone's hybrid policy follow; nothing follows by itself. */
function Apply({ words, found, fleet, changed }: ApplyProps) {
  const { texts, zone, may } = useDesk()
  const act = useAct<Schemas['ZoneView']>()
  const now = zone.settings.dispatch?.fleet
  const follows = (now?.hold_minutes ?? 0) === fleet.hold_minutes
  const apply = async (): Promise<void> => {
    const dispatch = { ...zone.settings.dispatch, fleet }
    const body = { ...zone.settings, dispatch } as Schemas['ZoneSettings-Input']
    const answer = await act.send(() => acting.putZone(found.zone_id, body))
    if (answer?.data) changed(answer.data)
  }
  return (
    <div>
      {follows && act.phase !== 'done' && <p class="soft">{words.follows}</p>}
      {!follows && may('manage_network') && (
        <button type="button" class="act main" aria-disabled={act.phase === 'busy'} onClick={() => void apply()}>
          {fleet.hold_minutes ? fill(words.apply, { minutes: fleet.hold_minutes }) : words.apply_off}
        </button>
      )}
      {act.problem && <Refused problem={act.problem} texts={texts} />}
      <p role="status">{act.phase === 'done' ? words.applied : ''}</p>
    </div>
  )
}
