import { useState } from 'preact/hooks'
import { api } from '../../parts/client'
import { money } from '../../parts/money'
import { fill } from '../../parts/texts'
import { Act } from '../act'
import { LONGEST_REQUEST_MS, MOST_TIP, minorUnits, useActing } from '../acting'
import { type SectionProps, merchantOf } from '../section'

/** Amounts to choose from, in minor units: small sums in dollars, in yen and in dinars alike. */
const AMOUNTS = [200, 300, 500]

/** A tip for the driver, once. The API takes the same amount twice as one tip, so a repeated request is safe. */
export function Tip({ view, token, acted, texts, language }: SectionProps) {
  const acting = useActing(acted)
  const [chosen, choose] = useState<number | 'own' | null>(null)
  const [typed, type] = useState('')
  const [wrong, setWrong] = useState(false)
  const { may, tipped, currency } = view
  if (!may.tip && !tipped) return null

  const write = (amount: number): string => money(amount, currency, language)
  const amount = chosen === 'own' ? minorUnits(typed, currency) : chosen
  const submit = (): void => {
    setWrong(amount === null)
    if (amount === null) return
    void acting.send(() =>
      api.POST('/v1/track/{token}/tip', {
        params: { path: { token } },
        body: { amount },
        signal: AbortSignal.timeout(LONGEST_REQUEST_MS),
      }),
    )
  }
  const changed = (change: () => void): void => {
    change()
    setWrong(false)
    acting.forget()
  }
  const fields = (
    <>
      <p class="soft">{fill(texts.tip.hint, { merchant: merchantOf(view) })}</p>
      <fieldset class="amounts">
        <legend>{texts.tip.legend}</legend>
        {([...AMOUNTS, 'own'] as const).map((choice) => (
          <label key={choice} class="amount">
            <input
              type="radio"
              name="amount"
              required
              checked={choice === chosen}
              onChange={() => changed(() => choose(choice))}
            />
            {choice === 'own' ? texts.tip.own : write(choice)}
          </label>
        ))}
      </fieldset>
      {chosen === 'own' && (
        <label class="field">
          {fill(texts.tip.amount, { currency })}
          <input
            type="text"
            inputMode="decimal"
            autoComplete="off"
            required
            aria-invalid={wrong}
            aria-describedby="tip-limits"
            value={typed}
            onInput={(event) => {
              const { value } = event.currentTarget
              changed(() => type(value))
            }}
          />
          <span id="tip-limits" class={wrong ? 'bad' : 'soft'} role={wrong ? 'alert' : undefined}>
            {fill(texts.tip.limits, { least: write(1), most: write(MOST_TIP) })}
          </span>
        </label>
      )}
    </>
  )
  const label = amount === null ? texts.tip.send : fill(texts.tip.send_amount, { amount: write(amount) })
  return (
    <Act
      heading={texts.tip.heading}
      acting={acting}
      texts={texts}
      given={tipped && fill(texts.tip.given, { amount: money(tipped.amount, tipped.currency, language) })}
      form={may.tip && !tipped ? { fields, label, submit } : null}
    />
  )
}
