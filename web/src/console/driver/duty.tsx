import { useState } from 'preact/hooks'
import { Done } from '../acts/done'
import { Refused } from '../acts/refused'
import { useAct } from '../acts/use_act'
import * as acting from '../api/acting'
import type { Schemas } from '../../parts/client'
import { useDesk } from '../shell/desk'

/** Take a driver off duty, or suspend them and take that back. Both are asked twice. */
export function Duty({ driver, changed }: { driver: Schemas['DriverView']; changed: () => void }) {
  const { texts, may } = useDesk()
  const [asked, ask] = useState<'off_duty' | 'suspend' | 'restore' | null>(null)
  const act = useAct<Schemas['DriverView']>()
  const go = async (): Promise<void> => {
    const answer = await act.send(() =>
      asked === 'off_duty' ? acting.endDuty(driver.id) : acting.suspend(driver.id, asked === 'suspend'),
    )
    if (answer && !answer.problem) {
      ask(null)
      changed()
    }
  }
  return (
    <section aria-label={texts.duty.label}>
      <div class="acts">
        {driver.duty && may('change_operations') && (
          <button type="button" class="act" aria-expanded={asked === 'off_duty'} onClick={() => ask('off_duty')}>
            {texts.duty.off_duty}
          </button>
        )}
        {!may('manage_drivers') ? null : driver.suspended ? (
          <button type="button" class="act" aria-expanded={asked === 'restore'} onClick={() => ask('restore')}>
            {texts.duty.restore}
          </button>
        ) : (
          <button type="button" class="act" aria-expanded={asked === 'suspend'} onClick={() => ask('suspend')}>
            {texts.duty.suspend}
          </button>
        )}
      </div>
      {asked && (
        <div class="form">
          <p>{texts.duty.sure[asked]}</p>
          <div class="acts">
            <button type="button" class="act main" aria-disabled={act.phase === 'busy'} onClick={() => void go()}>
              {texts.duty.yes}
            </button>
            <button
              type="button"
              class="quiet"
              onClick={() => {
                act.forget()
                ask(null)
              }}
            >
              {texts.duty.no}
            </button>
          </div>
        </div>
      )}
      {act.problem && <Refused problem={act.problem} texts={texts} />}
      {act.phase === 'done' && <Done>{texts.duty.done}</Done>}
    </section>
  )
}
