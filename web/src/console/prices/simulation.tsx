import type { Schemas } from '../../parts/client'
import { money } from '../../parts/money'
import { fill } from '../../parts/texts'
import { Refused } from '../acts/refused'
import { useAct } from '../acts/use_act'
import * as acting from '../api/acting'
import { useDesk } from '../shell/desk'
import { shortId } from '../shell/words'
import { Wide } from '../shell/wide'
import type { Table } from './compare'
import { Bars } from './drawing'
import type { Words } from './texts'

type Result = Schemas['SimulationView']
/** The API's document gives each sum a default; an answer has all of them. */
type Sums = Required<Schemas['RepricedSums']>

/** Cost of the last days' deliveries by a table, and the act that finds it out. */
export function Simulation(props: { table: Table; words: Words; mayChange: boolean; again: () => void }) {
  const { table, words, mayChange, again } = props
  const { texts } = useDesk()
  const act = useAct<Table>()
  const result = act.data?.simulation ?? table.simulation
  const start = async (): Promise<void> => {
    const answer = await act.send(() => acting.simulateTable(table.table.table_id))
    if (answer?.data) again()
  }
  return (
    <>
      <h4>{words.simulation.heading}</h4>
      {result && <Found result={table.simulation ?? result} currency={table.table.currency} words={words} />}
      <p class="acts">
        {mayChange && (table.table.state === 'draft' || table.table.state === 'approved') && (
          <button type="button" class="act" aria-disabled={act.phase === 'busy'} onClick={() => void start()}>
            {words.simulation.start}
          </button>
        )}
        {result?.state === 'running' && (
          <button type="button" class="act" onClick={again}>
            {words.simulation.look}
          </button>
        )}
      </p>
      {act.problem && <Refused problem={act.problem} texts={texts} />}
    </>
  )
}

function Found({ result, currency, words }: { result: Result; currency: string; words: Words }) {
  const { language } = useDesk()
  const said = words.simulation
  const write = (amount: number): string => money(amount, currency, language)
  const share = (sum: number, of: number): string =>
    (of ? sum / of / 1000 : 0).toLocaleString(language, { style: 'percent', maximumFractionDigits: 1 })
  const total = result.total as Sums
  if (result.state === 'running') {
    return <p role="status">{fill(said.running, { day: result.read_until, count: total.deliveries })}</p>
  }
  const lines: readonly (readonly [string, string, string, string])[] = [
    [said.charge, write(total.charge_before), write(total.charge_after), write(total.charge_after - total.charge_before)],
    [said.pay, write(total.pay_before), write(total.pay_after), write(total.pay_after - total.pay_before)],
    [said.margin, write(margin(total)[0]), write(margin(total)[1]), write(margin(total)[1] - margin(total)[0])],
    [said.taken, share(total.taken_before, total.deliveries), share(total.taken_after, total.deliveries), ''],
    [said.filled, share(total.filled_before, total.deliveries), share(total.filled_after, total.deliveries), ''],
  ]
  return (
    <>
      <p>
        {fill(said.done, { since: result.since, until: result.until, count: total.deliveries, left: result.left_out })}
      </p>
      <Figures caption={said.sums} head={[said.what, said.before, said.after, said.difference]} lines={lines} />
      <Bars label={said.chart} bars={barsOf(result, words)} />
      {(['by_zone', 'by_goods', 'by_hour'] as const).map((name) => (
        <Figures
          key={name}
          caption={said.groups[name]}
          head={[said.group, said.deliveries, said.charge, said.pay]}
          lines={result[name].map((one) => {
            const sums = one.sums as Sums
            return [
              one.name,
              String(sums.deliveries),
              write(sums.charge_after - sums.charge_before),
              write(sums.pay_after - sums.pay_before),
            ]
          })}
        />
      ))}
      <p>
        {fill(result.losses.length ? said.losses : said.no_losses, { percent: result.loss_percent ?? 0 })}
      </p>
      <ul>
        {result.losses.map((one) => (
          <li key={one.merchant_id}>
            {fill(said.loss, { merchant: `…${shortId(one.merchant_id)}`, rise: write(one.rise) })}
          </li>
        ))}
      </ul>
    </>
  )
}

/** Charge less pay, before and after. */
const margin = (sums: Sums): [number, number] => [sums.charge_before - sums.pay_before, sums.charge_after - sums.pay_after]

function barsOf({ edges = [], charges }: Result, { simulation }: Words): { value: number; said: string }[] {
  return charges.map((value, at) => {
    const [low, high] = [edges[at - 1], edges[at]]
    const range =
      low === undefined
        ? fill(simulation.under, { edge: high ?? 0 })
        : high === undefined
          ? fill(simulation.over, { edge: low })
          : fill(simulation.between, { low, high })
    return { value, said: fill(simulation.bar, { count: value, range }) }
  })
}

function Figures(props: { caption: string; head: readonly string[]; lines: readonly (readonly string[])[] }) {
  return (
    <Wide label={props.caption}>
      <table class="rates">
        <caption>{props.caption}</caption>
        <thead>
          <tr>
            {props.head.map((name, at) => (
              <th scope="col" key={name} {...(at && { class: 'figure' })}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {props.lines.map(([name, ...figures]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {figures.map((figure, at) => (
                <td class="figure" key={props.head[at + 1]}>
                  {figure}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  )
}
