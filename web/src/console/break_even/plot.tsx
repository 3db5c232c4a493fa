import { digitsOf, money } from '../../parts/money'
import { fill } from '../../parts/texts'
import { BOTTOM, type Curve, HEIGHT, LEFT, WIDTH, pathOf, scalesOf, ticksTo } from './curve'
import type { Words } from './texts'

interface PlotProps {
  words: Words
  curve: Curve
  currency: string
  language: string
  band: readonly [number, number] | null
}

/** Both costs over the volume; the band is the interval of the tipping point. */
export function Plot({ words, curve, currency, language, band }: PlotProps) {
  const scales = scalesOf(curve)
  const { x, y } = scales
  const last = curve.volumes.length - 1
  const written = (cost = 0): string => money(Math.round(cost * 10 ** digitsOf(currency)), currency, language)
  const volume = new Intl.NumberFormat(language, { maximumFractionDigits: 1 })
  const told = fill(words.plot_text, {
    crowd: written(curve.crowd[0]),
    few: written(curve.dedicated[0]),
    low: volume.format(curve.volumes[0] ?? 0),
    many: written(curve.dedicated[last]),
    high: volume.format(curve.volumes[last] ?? 0),
  })
  const ends = band && ([Math.max(band[0], curve.volumes[0] ?? 0), Math.min(band[1], curve.volumes[last] ?? 0)] as const)
  return (
    <figure class="plot">
      <figcaption>
        {words.plot} <span class="key crowd">{words.crowd}</span> <span class="key dedicated">{words.dedicated}</span>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={told}>
        {ends && <rect class="band" x={x(ends[0])} y={12} width={Math.max(2, x(ends[1]) - x(ends[0]))} height={HEIGHT - BOTTOM - 12} />}
        {ticksTo(scales.highest).map((cost) => (
          <g key={cost}>
            <line class="grid" x1={LEFT} x2={WIDTH - 12} y1={y(cost)} y2={y(cost)} />
            <text x={LEFT - 8} y={y(cost) + 4} text-anchor="end">
              {volume.format(cost)}
            </text>
          </g>
        ))}
        {ticksTo(curve.volumes[last] ?? 0)
          .filter((one) => one >= (curve.volumes[0] ?? 0))
          .map((one) => (
            <text key={one} x={x(one)} y={HEIGHT - BOTTOM + 18} text-anchor="middle">
              {volume.format(one)}
            </text>
          ))}
        <text x={WIDTH / 2} y={HEIGHT - 6} text-anchor="middle">
          {words.axis}
        </text>
        <path class="crowd" d={pathOf(curve, curve.crowd, scales)} />
        <path class="dedicated" d={pathOf(curve, curve.dedicated, scales)} />
      </svg>
    </figure>
  )
}
