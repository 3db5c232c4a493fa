import { useState } from 'preact/hooks'
import { fill } from '../../parts/texts'
import { timeOfDay } from '../../parts/time'
import { Refused } from '../acts/refused'
import { useReading } from '../acts/use_act'
import * as reading from '../api/reading'
import type { Notice } from '../api/types'
import { useDesk } from '../shell/desk'
import { wordFor } from '../shell/words'
import type { Texts } from '../texts'
import { Address } from './address'
import type { SectionProps } from './panel'

/** Messages to the customer of an order, sent or not, and whether their addresses are written to. */
export function NoticesOf({ known }: SectionProps) {
  const { texts, may } = useDesk()
  const [opened, open] = useState(false)
  const { id } = known.delivery
  const { data, problem, busy, again } = useReading(opened ? id : null, () => reading.notices(id), known.version)
  if (!may('read_operations')) return null
  const words = texts.notices
  return (
    <section aria-labelledby="notices-heading">
      <h3 id="notices-heading">{words.heading}</h3>
      {!data && busy && <p role="status">{texts.loading}</p>}
      {problem && <Refused problem={problem} texts={texts} />}
      {data?.notices.length === 0 && <p class="soft">{words.none}</p>}
      {data && data.notices.length > 0 && <Told notices={data.notices} />}
      {data?.addresses?.map((address) => (
        <Address key={address.channel} deliveryId={id} address={address} changed={again} />
      ))}
      <button type="button" class="quiet" aria-disabled={busy} onClick={() => (opened ? again() : open(true))}>
        {opened ? words.again : words.open}
      </button>
    </section>
  )
}

function Told({ notices }: { notices: readonly Notice[] }) {
  const { texts, language, live } = useDesk()
  const now = live?.clock.now() ?? Date.now()
  const words = texts.notices
  return (
    <ol class="timeline">
      {notices.map((notice) => (
        <li key={`${notice.event_id} ${notice.channel}`}>
          <span>
            {wordFor(words.kind, notice.type)}{' '}
            <span class="soft">
              {words.channel[notice.channel]}, {stateOf(notice, texts, now, language)}
            </span>
          </span>
          {notice.at && <time dateTime={notice.at}>{timeOfDay(notice.at, now, language)}</time>}
        </li>
      ))}
    </ol>
  )
}

/** The outcome of a message in words. It waits for a moment only until that moment, after which it is tried again. */
export function stateOf(notice: Notice, texts: Texts, now: number, language: string): string {
  const { state, waits_until: until } = notice
  if (state === 'waiting' && until && Date.parse(until) > now) {
    return fill(texts.notices.waits_until, { time: timeOfDay(until, now, language) })
  }
  if (state === 'sent' && notice.delayed) return texts.notices.delayed
  return wordFor(texts.notices.state, state)
}
