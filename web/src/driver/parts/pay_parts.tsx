import { money } from '../../parts/money'
import { useApp } from '../app'
import type { Money, PricePart } from '../model'

/** Parts of a pay with their names, the tip and the total. */
export function PayParts(props: { parts: readonly PricePart[]; tip: Money; total: Money }) {
  const { texts, language } = useApp()
  const write = (one: Money): string => money(one.amount, one.currency, language)
  const names = texts.part as Record<string, string>
  const why = texts.part_text as Record<string, string>
  return (
    <dl class="parts-of-pay">
      {props.parts.map((part) => (
        <div key={part.code}>
          <dt>
            {names[part.code] ?? texts.part.other}
            {why[part.code] && <span class="soft">{why[part.code]}</span>}
          </dt>
          <dd>{write(part.amount)}</dd>
        </div>
      ))}
      {props.tip.amount > 0 && (
        <div>
          <dt>{texts.offers.tip}</dt>
          <dd>{write(props.tip)}</dd>
        </div>
      )}
      <div class="sum">
        <dt>{texts.offers.total}</dt>
        <dd>{write(props.total)}</dd>
      </div>
    </dl>
  )
}
