interface FieldProps {
  label: string
  value: string
  set: (value: string) => void
  type?: 'text' | 'number' | 'date' | 'time' | 'datetime-local'
  longest?: number
  decimal?: boolean
}

/** A labelled input that has to be filled in. */
export function Field({ label, value, set, type = 'text', longest, decimal }: FieldProps) {
  // The types of the attributes name each kind of input apart.
  const kind = { type } as { type: 'text' }
  return (
    <label class="field">
      {label}
      <input
        required
        {...kind}
        value={value}
        {...(longest && { maxLength: longest })}
        {...(decimal && { inputMode: 'decimal' as const })}
        onInput={({ currentTarget }) => set(currentTarget.value)}
      />
    </label>
  )
}

/** A labelled choice of one among some. */
export function Pick(props: { label: string; value: string; set: (value: string) => void; of: readonly (readonly [string, string])[] }) {
  return (
    <label class="field">
      {props.label}
      <select value={props.value} onChange={({ currentTarget }) => props.set(currentTarget.value)}>
        {props.of.map(([code, said]) => (
          <option key={code} value={code}>
            {said}
          </option>
        ))}
      </select>
    </label>
  )
}
