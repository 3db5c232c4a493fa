import { useEffect, useRef, useState } from 'preact/hooks'
import { useApp } from '../app'
import { CameraIcon, CheckIcon } from '../icons'
import { shrunk } from '../picture'
import type { Picture } from '../queue'

interface PhotoProps {
  label: string
  /** True if a photo was taken before the app was closed. */
  taken: boolean
  /** Keep it; false if the phone has no room. */
  keep: (picture: Picture) => Promise<boolean>
}

/** Takes a photo with the phone's camera, makes it small, and shows it. */
export function PhotoField({ label, taken, keep }: PhotoProps) {
  const { texts } = useApp()
  const [phase, set] = useState<'idle' | 'busy' | 'bad'>('idle')
  const [shown, show] = useState<Blob | null>(null)

  const take = async (input: HTMLInputElement): Promise<void> => {
    const file = input.files?.[0]
    input.value = '' // so that the same file may be chosen again
    if (!file) return
    set('busy')
    try {
      const picture = await shrunk(file)
      if (await keep(picture)) show(picture.blob)
      set('idle')
    } catch {
      set('bad')
    }
  }
  const done = taken || shown !== null
  return (
    <section class="card capture">
      <h2>{label}</h2>
      {shown && <Thumbnail of={shown} />}
      <label class={done ? 'shutter shutter-done' : 'shutter'}>
        <input
          type="file"
          accept="image/*"
          capture="environment"
          class="unseen"
          onChange={(event) => void take(event.currentTarget)}
        />
        <CameraIcon />
        {done ? texts.do.retake_photo : texts.do.take_photo}
      </label>
      <p role="status" class={phase === 'bad' ? 'bad' : 'kept'}>
        {phase === 'busy' && texts.do.photo_busy}
        {phase === 'bad' && texts.do.photo_bad}
        {phase === 'idle' && done && (
          <>
            <CheckIcon /> {texts.do.photo_taken}
          </>
        )}
      </p>
    </section>
  )
}

/** The picture on a canvas: the policy of the pages lets no address of a blob be shown. */
export function Thumbnail({ of }: { of: Blob }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    let gone = false
    const draw = async (): Promise<void> => {
      const picture = await createImageBitmap(of)
      const place = canvas.current
      if (gone || !place) return
      place.width = 480
      place.height = Math.round((480 * picture.height) / picture.width)
      place.getContext('2d')?.drawImage(picture, 0, 0, place.width, place.height)
      picture.close()
    }
    void draw().catch(() => {})
    return () => {
      gone = true
    }
  }, [of])
  return <canvas class="thumbnail" ref={canvas} aria-hidden="true" />
}
