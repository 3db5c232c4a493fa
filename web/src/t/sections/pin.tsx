import type { SectionProps } from '../section'

/** The PIN that the driver asks for at the door. */
export function Pin({ view, texts }: SectionProps) {
  if (!view.pin) return null
  return (
    <section class="card pin">
      <h2>{texts.pin.heading}</h2>
      <p class="pin-digits">{view.pin}</p>
      <p class="soft">{texts.pin.hint}</p>
    </section>
  )
}
