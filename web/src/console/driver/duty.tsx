import { useState } from 'preact/hooks'
import { Done } from '../acts/done'
import { Refused } from '../acts/refused'
import { useAct } from '../acts/use_act'
import * as acting from '../api/acting'
import type { Schemas } from '../../parts/client'
import { useDesk } from '../shell/desk'

/** Take a driver off duty, which is asked twice, and the way to their conduct. */
export function Duty({ driver, changed }: { driver: Schemas['DriverView']; changed: () => void }) {
  const { texts, may, go: open } = useDesk()
  const [asked, ask] = useState<'off_duty' | null>(null)
  const act = useAct<Schemas['DriverView']>()
  const go = async (): Promise<void> => {
    const answer = await act.send(() => acting.endDuty(driver.id))
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
        {may('manage_drivers') && (
          <button type="button" class="act" onClick={() => open({ view: 'conduct', driver: driver.id, delivery: null })}>
            {texts.duty.conduct}
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
