import { useEffect, useState } from 'preact/hooks'
import { fill } from '../../parts/texts'
import { useApp } from '../app'
import { room } from '../worker'

interface Room {
  used: number
  free: number
  kept: boolean
}

const MB = 1_000_000

async function roomOf(): Promise<Room | null> {
  const known = await room()
  return known && { ...known, kept: (await navigator.storage.persisted?.()) ?? false }
}

/** Room on the phone for steps and photos, and whether the phone may take it back. */
export function Storage() {
  const { texts, language } = useApp()
  const [known, set] = useState<Room | null>(null)
  useEffect(() => void roomOf().then(set), [])
  if (!known) return null
  const write = (bytes: number): string => {
    const large = bytes >= 1000 * MB
    const form = { style: 'unit', unit: large ? 'gigabyte' : 'megabyte', maximumFractionDigits: large ? 1 : 0 } as const
    return new Intl.NumberFormat(language, form).format(bytes / (large ? 1000 * MB : MB))
  }
  return (
    <section class="card">
      <h2>{texts.settings.storage}</h2>
      <p>{fill(texts.settings.storage_text, { used: write(known.used), free: write(known.free) })}</p>
      <p class="soft">{known.kept ? texts.settings.storage_kept : texts.settings.storage_not_kept}</p>
    </section>
  )
}
