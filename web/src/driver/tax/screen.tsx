import { type Schemas, api } from '../../parts/client'
import { money } from '../../parts/money'
import { fill } from '../../parts/texts'
import { addressOf } from '../address'
import { useApp } from '../app'
import { Head, Read } from '../parts/screen'
import { bodyOf, useReading } from '../reading'
import { type Words, loadWords } from './texts'

type Own = Schemas['OwnTax']

const MINUTE_MS = 60_000

/** The screen, once its words are there. */
export async function taxScreen(): Promise<() => preact.JSX.Element> {
  const words = await loadWords()
  return () => <TaxScreen words={words} />
}

/** The driver's W-9, what is withheld and why, what to do, and the forms of years. */
function TaxScreen({ words }: { words: Words }) {
  const { queue } = useApp()
  const reading = useReading<Own>(queue, 'tax', async (signal) => bodyOf(await api.GET('/v1/driver/tax', { signal })), MINUTE_MS)
  return (
    <>
      <Head title={words.heading} back="more" />
      <p class="soft">{words.hint}</p>
      <Read of={reading}>
        {(own) => (
          <div class="stack">
            <Form own={own} words={words} />
            <Years own={own} words={words} />
          </div>
        )}
      </Read>
    </>
  )
}

function Form({ own, words }: { own: Own; words: Words }) {
  const { language } = useApp()
  const day = (one: string): string =>
    new Date(one.includes('T') ? one : `${one}T12:00:00`).toLocaleDateString(language, { dateStyle: 'long' })
  const { form, todo, withheld_for: reason, withheld_percent: percent, withhold_from: from, withheld_until: until } = own
  return (
    <section class="card stack" aria-labelledby="tax-form">
      <h2 id="tax-form">{words.states[own.form_state]}</h2>
      {form && <p>{fill(words.on_file, { name: form.name, number: form.tin, day: day(form.certified_at) })}</p>}
      {reason && (
        <p class="note">
          {fill(words.withheld, { percent })} {words.reasons[reason]}
        </p>
      )}
      {from && <p class="note">{fill(words.from, { percent, day: day(from) })}</p>}
      {until && <p>{fill(words.until, { day: day(until) })}</p>}
      {todo && (
        <p>
          <strong>{words.todo[todo as keyof Words['todo']]}</strong>
        </p>
      )}
      {form && <p class="soft">{own.electronic ? words.electronic : words.paper}</p>}
      <a class="way" href={addressOf('money')}>
        {words.form}
      </a>
    </section>
  )
}

function Years({ own, words }: { own: Own; words: Words }) {
  const { language } = useApp()
  const write = ({ amount, currency }: Schemas['Money']): string => money(amount, currency, language)
  return (
    <section class="card stack" aria-labelledby="tax-years">
      <h2 id="tax-years">{words.years}</h2>
      {!own.forms.length && <p>{words.none}</p>}
      {own.forms.toReversed().map((one) => (
        <div key={one.year}>
          <p>
            {[
              fill(words.year, { year: one.year, amount: write(one.compensation) }),
              ...(one.tips.amount ? [fill(words.tips, { amount: write(one.tips) })] : []),
              ...(one.withheld.amount ? [fill(words.kept, { amount: write(one.withheld) })] : []),
              ...(one.corrected ? [words.corrected] : []),
            ].join(', ')}
          </p>
          <a class="way" href={one.link}>
            {fill(words.save, { year: one.year })}
          </a>
        </div>
      ))}
    </section>
  )
}
