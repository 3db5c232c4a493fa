import { useState } from 'preact/hooks'
import type { Schemas } from '../../parts/client'
import { fill } from '../../parts/texts'
import { Done } from '../acts/done'
import { Refused } from '../acts/refused'
import { useAct } from '../acts/use_act'
import * as acting from '../api/acting'
import { useDesk } from '../shell/desk'
import type { ViewProps } from '../shell/views'
import { type Typed, termsOf, typedOf } from './waiting'

/** Pay of a driver and charge of a merchant for waiting at a door in the zone; all other settings stay as they are. */
export function WaitForm({ changed }: Pick<ViewProps, 'changed'>) {
  const { texts } = useDesk()
  const [opened, open] = useState(false)
  return (
    <section class="panel" aria-labelledby="wait-heading">
      <h2 id="wait-heading">{texts.waiting.heading}</h2>
      <button type="button" class="act" aria-expanded={opened} onClick={() => open(!opened)}>
        {texts.waiting.edit}
      </button>
      {opened && <Fields changed={changed} />}
    </section>
  )
}

function Fields({ changed }: Pick<ViewProps, 'changed'>) {
  const { texts, zone } = useDesk()
  const currency = zone.settings.rates?.currency ?? 'USD'
  const known = typedOf(zone.settings.wait, currency)
  const [typed, type] = useState<Typed>(known)
  const [wrong, setWrong] = useState(false)
  const act = useAct<Schemas['ZoneView']>()
  const dirty = JSON.stringify(typed) !== JSON.stringify(known)
  const save = async (event: Event): Promise<void> => {
    event.preventDefault()
    const wait = termsOf(typed, currency)
    setWrong(wait === null)
    if (wait === null) return
    const body = { ...zone.settings, wait } as Schemas['ZoneSettings-Input']
    const answer = await act.send(() => acting.putZone(zone.id, body))
    if (!answer?.data) return
    type(typedOf(answer.data.settings.wait, currency))
    changed(answer.data)
  }
  const field = (name: keyof Typed, label: string) => (
    <label class="field">
      {label}
      <input
        inputmode={name === 'grace' || name === 'most' ? 'numeric' : 'decimal'}
        required
        value={typed[name]}
        onInput={({ currentTarget }) => type({ ...typed, [name]: currentTarget.value })}
      />
    </label>
  )
  return (
    <form class="form" onSubmit={(event) => void save(event)}>
      <p class="soft">{texts.waiting.hint}</p>
      {field('pay', fill(texts.waiting.pay, { currency }))}
      {field('charge', fill(texts.waiting.charge, { currency }))}
      {field('grace', texts.waiting.grace)}
      {field('most', texts.waiting.most)}
      {wrong && (
        <p class="refused" role="alert">
          {texts.waiting.wrong}
        </p>
      )}
      {act.problem && <Refused problem={act.problem} texts={texts} />}
      {act.phase === 'done' && !dirty && <Done>{texts.waiting.done}</Done>}
      <div class="acts">
        <button type="submit" class="act main" disabled={!dirty} aria-disabled={act.phase === 'busy'}>
          {texts.waiting.save}
        </button>
        <button type="button" class="quiet" disabled={!dirty} onClick={() => type(known)}>
          {texts.waiting.discard}
        </button>
      </div>
    </form>
  )
}
