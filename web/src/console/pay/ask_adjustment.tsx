import { useRef, useState } from 'preact/hooks'
import { digitsOf, minorUnits, money } from '../../parts/money'
import { fill } from '../../parts/texts'
import { Done } from '../acts/done'
import { Refused } from '../acts/refused'
import { useAct } from '../acts/use_act'
import * as acting from '../api/acting'
import type { Adjustment } from '../api/types'
import { useDesk } from '../shell/desk'

const LONGEST_NOTE = 200

/** The button to ask for an adjustment of a driver's pay, its form, and what became of the last one. */
export function AskAdjustment({ asked }: { asked: () => void }) {
  const { texts, language, nameOf } = useDesk()
  const [opened, open] = useState(false)
  const [last, keep] = useState<Adjustment | null>(null)
  const words = texts.adjustment.ask
  const sent = (answer: Adjustment): void => {
    open(false)
    keep(answer)
    asked()
  }
  return (
    <>
      <div class="asking">
        <button type="button" class="act" aria-expanded={opened} onClick={() => open(!opened)}>
          {words.open}
        </button>
      </div>
      {opened && <AskForm sent={sent} />}
      {!opened && last && (
        <Done>
          {fill(last.state === 'booked' ? words.booked : last.state === 'pending' ? words.waits : words.not_booked, {
            amount: money(last.amount.amount, last.amount.currency, language),
            driver: nameOf(last.driver_id ?? ''),
          })}
        </Done>
      )}
    </>
  )
}

function AskForm({ sent }: { sent: (answer: Adjustment) => void }) {
  const { texts, language, zone, nameOf } = useDesk()
  const act = useAct<Adjustment>()
  /** It stays while the form does, so that sending once more after a lost answer books nothing twice. */
  const reference = useRef(`console-${crypto.randomUUID()}`)
  const [driver, name] = useState('')
  const [named, settle] = useState<string | null>(null)
  const [size, write] = useState('')
  const [isMore, turn] = useState<boolean | null>(null)
  const [note, say] = useState('')
  const words = texts.adjustment.ask
  const currency = zone.settings.rates?.currency ?? 'USD'
  const digits = digitsOf(currency)
  const minor = minorUnits(size, currency)
  const amount = minor === null || isMore === null ? null : { amount: isMore ? minor : -minor, currency }
  const submit = async (): Promise<void> => {
    if (!amount) return
    const body = { reference: reference.current, driver_id: driver.trim(), amount, note: note.trim() }
    const answer = await act.send(() => acting.askAdjustment(body))
    if (answer?.data) sent(answer.data)
  }
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      <label class="field">
        {words.driver}
        <input
          required
          value={driver}
          autoComplete="off"
          spellcheck={false}
          onInput={({ currentTarget }) => name(currentTarget.value)}
          onChange={({ currentTarget }) => settle(currentTarget.value.trim() || null)}
        />
      </label>
      {named && <p class="soft">{nameOf(named)}</p>}
      <label class="field">
        {fill(words.amount, { currency })}
        <input
          required
          value={size}
          inputMode="decimal"
          autoComplete="off"
          pattern={digits ? `\\s*[0-9]+([.,][0-9]{1,${digits}})?\\s*` : '\\s*[0-9]+\\s*'}
          title={fill(words.amount_form, { digits })}
          onInput={({ currentTarget }) => write(currentTarget.value)}
        />
      </label>
      <fieldset>
        <legend>{words.direction}</legend>
        {[true, false].map((more) => (
          <label key={String(more)} class="option">
            <input type="radio" name="direction" required checked={isMore === more} onChange={() => turn(more)} />
            {more ? words.more : words.less}
          </label>
        ))}
      </fieldset>
      <label class="field">
        {words.note}
        <textarea required maxLength={LONGEST_NOTE} value={note} onInput={({ currentTarget }) => say(currentTarget.value)} />
      </label>
      <p class="soft">{words.hint}</p>
      <p class="soft">{fill(words.reference, { reference: reference.current })}</p>
      {act.problem && <Refused problem={act.problem} texts={texts} />}
      <button type="submit" class="act main" aria-disabled={act.phase === 'busy'}>
        {amount ? fill(words.send_amount, { amount: money(amount.amount, currency, language) }) : words.send}
      </button>
    </form>
  )
}
