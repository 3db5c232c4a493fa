interface NumberProps {
  label: string
  value: number | null
  least: number
  most: number
  step?: string
  set: (value: number) => void
}

/** A number within limits; any other input changes nothing. */
export function NumberField({ label, value, least, most, step = 'any', set }: NumberProps) {
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
        value={value === null ? '' : Number(value.toFixed(6))}
        onChange={({ currentTarget }) => {
          const typed = currentTarget.valueAsNumber
          if (Number.isFinite(typed) && typed >= least && typed <= most) set(typed)
        }}
      />
    </label>
  )
}
