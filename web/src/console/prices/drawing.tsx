/** Drawings of numbers: bars of a distribution, and a line over time. Each has its numbers in words beside it. */

interface BarsProps {
  label: string
  /** The number of each bar, and what it says when it is read. */
  bars: readonly { value: number; said: string }[]
}

export function Bars({ label, bars }: BarsProps) {
  const most = Math.max(1, ...bars.map((bar) => bar.value))
  return (
    <figure class="drawn">
      <figcaption>{label}</figcaption>
      <svg viewBox={`0 0 ${bars.length * 40} 100`} role="img" aria-label={label}>
        {bars.map((bar, at) => (
          <rect key={bar.said} x={at * 40 + 4} width={32} y={100 - (96 * bar.value) / most} height={(96 * bar.value) / most} rx={3}>
            <title>{bar.said}</title>
          </rect>
        ))}
      </svg>
      <ul class="soft">
        {bars
          .filter((bar) => bar.value > 0)
          .map((bar) => (
            <li key={bar.said}>{bar.said}</li>
          ))}
      </ul>
    </figure>
  )
}

/** Two lines over the same moments, each on its own scale: a multiplier as steps, and what it follows. */
export function Steps({ label, steps, line }: { label: string; steps: readonly number[]; line: readonly number[] }) {
  const width = Math.max(1, steps.length - 1)
  const x = (at: number): string => ((300 * at) / width).toFixed(1)
  const high = Math.max(1, ...line)
  const top = Math.max(200, ...steps)
  const y = (percent: number): string => (96 - (92 * (percent - 100)) / (top - 100)).toFixed(1)
  const stepped = steps.map((percent, at) => (at ? `H${x(at)}V${y(percent)}` : `M0 ${y(percent)}`)).join('')
  const drawn = line.map((value, at) => `${at ? 'L' : 'M'}${x(at)} ${(96 - (92 * value) / high).toFixed(1)}`).join('')
  return (
    <figure class="drawn">
      <figcaption>{label}</figcaption>
      <svg viewBox="0 0 300 100" role="img" aria-label={label} preserveAspectRatio="none">
        <path class="follows" d={drawn} />
        <path class="stepped" d={stepped} />
      </svg>
    </figure>
  )
}
