import { fill } from '../../parts/texts'
import { ago } from '../../parts/time'
import type { SectionProps } from '../section'

/** The driver's first name and vehicle, and how old their position is. */
export function Driver({ view, clock, texts, language }: SectionProps) {
  if (!view.vehicle) return null
  const seen = view.position_at && fill(texts.driver.seen, { ago: ago(view.position_at, clock.now(), language) })
  return (
    <section class="card driver">
      <span class="initial" aria-hidden="true">
        {(view.driver_name ?? '').slice(0, 1)}
      </span>
      <div>
        <h2>{texts.driver.heading}</h2>
        <p class="driver-name">
          {view.driver_name} <span>{texts.driver[view.vehicle]}</span>
        </p>
        <p class="soft">{seen ?? texts.driver.unseen}</p>
      </div>
    </section>
  )
}
