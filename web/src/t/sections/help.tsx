import { fill } from '../../parts/texts'
import { type SectionProps, merchantOf } from '../section'

/** The ways to the merchant. */
export function Help({ view, texts }: SectionProps) {
  const { support_phone: phone, support_email: email } = view.merchant ?? {}
  if (!phone && !email) return null
  const subject = encodeURIComponent(fill(texts.order, { number: view.order_number }))
  return (
    <section class="card help">
      <h2>{texts.help.heading}</h2>
      <p>{fill(texts.help.text, { merchant: merchantOf(view) })}</p>
      <div class="ways">
        {phone && (
          <a class="way" href={`tel:${phone}`}>
            {texts.help.call}
          </a>
        )}
        {email && (
          <a class="way" href={`mailto:${email}?subject=${subject}`}>
            {texts.help.write}
          </a>
        )}
      </div>
    </section>
  )
}
