import { useDesk } from '../shell/desk'
import { wordFor } from '../shell/words'
import type { SectionProps } from './panel'

/** The rules of law that were applied to an order: figure, jurisdiction, status and source of each. */
export function LawOf({ known }: SectionProps) {
  const { texts } = useDesk()
  const { demands, goods } = known.delivery
  if (!demands) return null
  return (
    <section aria-labelledby="law-heading">
      <h3 id="law-heading">{texts.goods_law.heading}</h3>
      <details>
        <summary>{goods ? wordFor(texts.goods_law.goods, goods) : ''}</summary>
        <dl class="facts">
          {(demands.rules ?? []).map((rule) => (
            <div key={`${rule.rule} ${rule.jurisdiction} ${rule.value}`}>
              <dt>{wordFor(texts.goods_law.demand, rule.rule.replace(`goods_${goods}_`, ''))}</dt>
              <dd>
                {rule.value.replaceAll(';', ', ')}
                <br />
                <span class="soft">
                  {rule.jurisdiction} · {wordFor(texts.goods_law.status, rule.status)} · {rule.source}
                </span>
              </dd>
            </div>
          ))}
        </dl>
      </details>
    </section>
  )
}
