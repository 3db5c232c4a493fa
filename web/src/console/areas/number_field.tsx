import { useState } from 'preact/hooks'

interface NumberProps {
  label: string
  value: number | null
  least: number
  most: number
  step?: string
  set: (value: number) => void
}

/** A number within limits, taken when the field is left; any other input changes nothing. */
export function NumberField({ label, value, least, most, step = 'any', set }: NumberProps) {
  // The console is drawn again every few seconds, also while somebody types here.
  const [typed, type] = useState<string | null>(null)
  return (
    <label class="field">
      {label}
      <input
        type="number"
        inputMode="decimal"
        required
        min={least}
        max={most}
        step={step}
        value={typed ?? (value === null ? '' : Number(value.toFixed(6)))}
        onInput={({ currentTarget }) => type(currentTarget.value)}
        onChange={({ currentTarget }) => {
          const number = currentTarget.valueAsNumber
          type(null)
          if (Number.isFinite(number) && number >= least && number <= most) set(number)
        }}
      />
    </label>
  )
}
