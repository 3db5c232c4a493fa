import type { Schemas } from '../../parts/client'
import { minorUnits, money } from '../../parts/money'
import { fill } from '../../parts/texts'
import { Refused } from '../acts/refused'
import { useAct } from '../acts/use_act'
import * as acting from '../api/acting'
import { useDesk } from '../shell/desk'
import { dayWords } from './days'
import type { Words } from './texts'

type Year = Schemas['YearView']

interface Props {
  year: Year
  words: Words
  mayChange: boolean
  changed: () => void
}

/** Withheld tax by month, and the form that records a deposit with the agency. */
export function Deposits({ year, words, mayChange, changed }: Props) {
  const { texts, language } = useDesk()
  const act = useAct<Year>()
  const all = words.deposits
  const write = ({ amount, currency }: Schemas['Money']): string => money(amount, currency, language)
  const send = async (form: HTMLFormElement): Promise<void> => {
    const given = new FormData(form)
    const amount = minorUnits(String(given.get('amount')), 'USD')
    if (amount === null) return
    const answer = await act.send(() =>
      acting.changeTaxYear(year.year, {
        action: 'deposit',
        month: String(given.get('month')),
        amount: { amount, currency: 'USD' },
        deposited_on: String(given.get('day')),
        reference: String(given.get('reference')),
      }),
    )
    if (answer?.data) {
      form.reset()
      changed()
    }
  }
  return (
    <>
      <h3>{all.heading}</h3>
      <p class="soft">{all.hint}</p>
      {!year.months.length && <p class="empty">{all.none}</p>}
      <ul>
        {year.months.map(({ month, withheld, left, due_on: due }) => (
          <li key={month}>
            {left.amount < 0
              ? fill(all.over, { month, over: write({ ...left, amount: -left.amount }) })
              : fill(all.month, { month, withheld: write(withheld), left: write(left), day: dayWords(due, language) })}
          </li>
        ))}
      </ul>
      {mayChange && year.months.length > 0 && (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            void send(event.currentTarget)
          }}
        >
          <label class="field">
            {all.for}
            <select name="month" required>
              {year.months.map(({ month }) => (
                <option key={month} value={month}>
                  {month}
                </option>
              ))}
            </select>
          </label>
          <label class="field">
            {all.amount}
            <input name="amount" required inputMode="decimal" autoComplete="off" />
          </label>
          <label class="field">
            {all.day}
            <input name="day" type="date" required />
          </label>
          <label class="field">
            {all.reference}
            <input name="reference" required pattern="[A-Za-z0-9\-]{4,40}" autoComplete="off" />
          </label>
          {act.problem && <Refused problem={act.problem} texts={texts} />}
          <div class="acts">
            <button type="submit" class="act main" aria-disabled={act.phase === 'busy'}>
              {all.send}
            </button>
          </div>
        </form>
      )}
    </>
  )
}
