import { fill } from '../../parts/texts'
import { useOnline, useTick } from '../../parts/hooks'
import { Notice } from '../../parts/states'
import { ago, timeOfDay } from '../../parts/time'
import type { Problem } from '../api/answers'
import { useDesk } from './desk'

/** Notices on the whole console: old data, and a pause of the zone. */
export function Notices({ problem }: { problem: Problem | null }) {
  const { texts, live, language, zone, look, go } = useDesk()
  const online = useOnline()
  useTick(5000)
  const age = live ? ago(live.asOf, live.clock.now(), language) : null
  const offline = !online || problem?.code === 'offline'
  const { pause } = zone
  const said = (): string | null => {
    if (offline) return age ? fill(texts.notice.offline, { ago: age }) : texts.trouble.offline.text
    if (!problem) return null
    if (problem.status === 403) return texts.notice.no_right
    return age ? fill(texts.notice.stale, { ago: age }) : texts.trouble.failed.text
  }
  const told = said()
  return (
    <div class="notices">
      {told && (
        <Notice>
          {told}{' '}
          {!offline && (
            <button type="button" class="link" onClick={look}>
              {texts.trouble.again}
            </button>
          )}
        </Notice>
      )}
      {pause && (
        <Notice>
          {fill(texts.pause.stands[pause.orders ? (pause.offers ? 'both' : 'orders') : 'offers'], { by: pause.by, reason: pause.reason })}{' '}
          {pause.until ? fill(texts.pause.until_time, { time: timeOfDay(pause.until, live?.clock.now() ?? Date.now(), language) }) : texts.pause.until_ended}{' '}
          <button type="button" class="link" onClick={() => go({ view: 'area' })}>
            {texts.pause.change}
          </button>
        </Notice>
      )}
    </div>
  )
}
