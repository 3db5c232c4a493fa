import type { Schemas } from '../../parts/client'
import { digitsOf } from '../../parts/money'

/** An amount as it is typed: in major units with a point. */
export function major({ amount, currency }: Schemas['Money']): string {
  const digits = digitsOf(currency)
  return (amount / 10 ** digits).toFixed(digits)
}
