import { useState } from 'preact/hooks'
import { fill } from '../../parts/texts'
import { timeOfDay } from '../../parts/time'
import { Refused } from '../acts/refused'
import { useAct } from '../acts/use_act'
import * as acting from '../api/acting'
import type { Address as Known, LiftReason, Notices } from '../api/types'
import { useDesk } from '../shell/desk'

interface AddressProps {
  deliveryId: string
  address: Known
  /** Ask for the messages anew. */
  changed: () => void
}

/** An address of an order's customer: why nothing is sent to it, and the way to end that; or who ended it. */
export function Address({ deliveryId, address, changed }: AddressProps) {
  const { texts, language, live, may } = useDesk()
  const act = useAct<Notices>()
  const { channel, because, since, lifted } = address
  const words = texts.notices
  const now = live?.clock.now() ?? Date.now()
  const time = (at: string | null): string => (at ? timeOfDay(at, now, language) : '–')
  const who = (by: string): string => {
    if (by === 'recipient') return texts.actor.customer
    return by.startsWith('mer_') ? texts.actor.merchant : by
  }
  const lift = async (reason: LiftReason): Promise<void> => {
    if (await act.send(() => acting.liftSuppression(deliveryId, { channel, reason }))) changed()
  }
  if (!because && !lifted) return null
  return (
    <>
      {because && <p class="warn">{fill(words.because[because], { time: time(since) })}</p>}
      {because === 'stop' && <p class="soft">{words.only_start}</p>}
      {!because && lifted && (
        <p class={act.data ? 'done' : 'soft'} role={act.data ? 'status' : undefined}>
          {fill(words.lifted, {
            channel: words.channel[channel],
            time: time(lifted.at),
            by: who(lifted.by),
            reason: words.lift_reason[lifted.reason],
          })}
        </p>
      )}
      {act.problem && <Refused problem={act.problem} texts={texts} />}
      {because && because !== 'stop' && may('contact_people') && <LiftForm busy={act.phase === 'busy'} lift={lift} />}
    </>
  )
}

function LiftForm({ busy, lift }: { busy: boolean; lift: (reason: LiftReason) => Promise<void> }) {
  const { texts } = useDesk()
  const [reason, choose] = useState<LiftReason | null>(null)
  const words = texts.notices
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault()
        if (reason) void lift(reason)
      }}
    >
      <p class="soft">{words.lift_hint}</p>
      <fieldset>
        <legend>{texts.reason_legend}</legend>
        {(Object.entries(words.lift_reason) as [LiftReason, string][]).map(([code, label]) => (
          <label key={code} class="option">
            <input type="radio" name="lift" required checked={reason === code} onChange={() => choose(code)} />
            {label}
          </label>
        ))}
      </fieldset>
      <button type="submit" class="act main" aria-disabled={busy}>
        {words.lift}
      </button>
    </form>
  )
}
