import { useEffect, useState } from 'preact/hooks'
import { useAccent } from '../parts/accent'
import { useOnline, useTick } from '../parts/hooks'
import { Failed, Loading, Notice } from '../parts/states'
import { fill } from '../parts/texts'
import { ago } from '../parts/time'
import { useFollowing } from './following'
import { type SectionProps, merchantOf } from './section'
import { Announcement } from './sections/announcement'
import { Arrival } from './sections/arrival'
import { Driver } from './sections/driver'
import { Help } from './sections/help'
import { Instructions } from './sections/instructions'
import { MapPlace, hasMap } from './sections/map_place'
import { Messages } from './sections/messages'
import { Pin } from './sections/pin'
import { Proof } from './sections/proof'
import { Rating } from './sections/rating'
import { Timeline } from './sections/timeline'
import { Tip } from './sections/tip'
import type { Texts } from './texts'

/** The sections from top to bottom. A new one is a module in sections/ and a name here; it may call the API itself. */
const SECTIONS = [Arrival, MapPlace, Proof, Rating, Tip, Pin, Driver, Messages, Instructions, Timeline, Help]

/** The merchant's logo beside its name; nothing if it can't be fetched. */
function Logo({ url }: { url: string }) {
  const [broken, setBroken] = useState(false)
  return broken ? null : <img class="logo" src={url} alt="" onError={() => setBroken(true)} />
}

export function Page({ token, texts, language }: { token: string; texts: Texts; language: string }) {
  const { view, clock, trouble, again, acted } = useFollowing(token)
  const online = useOnline()
  useTick(5000)
  useEffect(() => {
    useAccent(view?.merchant?.colour)
    if (view) document.title = fill(texts.page_title, { merchant: merchantOf(view) })
  }, [view?.merchant?.name, view?.merchant?.colour])

  if (!view || !clock) {
    const told = online ? trouble : (trouble ?? 'offline')
    if (!told) return <Loading label={texts.loading} />
    const final = told === 'wrong_link' || told === 'expired_link' || told === 'unknown'
    return <Failed {...texts.trouble[told]} {...(final ? {} : { again: { label: texts.trouble.again, go: again } })} />
  }

  const props: SectionProps = { view, token, acted, clock, texts, language }
  const age = ago(view.as_of, clock.now(), language)
  return (
    <div class={hasMap(view) ? 'layout layout-map' : 'layout'}>
      <header class="masthead">
        <p class={view.merchant?.logo_url ? 'merchant with-logo' : 'merchant'}>
          {view.merchant?.logo_url && <Logo url={view.merchant.logo_url} />}
          {merchantOf(view)}
        </p>
        <p class="order">{fill(texts.order, { number: view.order_number })}</p>
      </header>
      <main class="sections">
        {!online ? (
          <Notice>{fill(texts.offline, { ago: age })}</Notice>
        ) : (
          trouble && <Notice>{fill(texts.stale, { ago: age })}</Notice>
        )}
        {SECTIONS.map((Section) => (
          <Section key={Section.name} {...props} />
        ))}
      </main>
      <Announcement {...props} />
    </div>
  )
}
